package readlock

import (
	"net"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	r := NewResolver()
	ask := func(string) net.IP { return nil }
	together(func() { r.Store("a", nil) }, func() { r.Lookup("a", ask) }, func() { r.Lookup("b", ask) }, func() { r.Touch("a") }, func() { r.Expiring(time.Now()) })
}
