package afterunlock

import (
	"net"
	"testing"
)

func TestPasses(t *testing.T) {
	h := NewHub()
	near, _ := net.Pipe()
	together(func() { h.Join("a", near) }, func() { h.Broadcast(nil) }, func() { h.Best() }, func() { h.Wait(near) }, h.Flush, func() { h.Waiting() }, h.CloseAll, func() { h.SetRoutes(map[string]string{}) }, func() { h.Route("a") })
}
