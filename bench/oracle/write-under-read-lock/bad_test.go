package readlock

import (
	"net"
	"strconv"
	"testing"
)

func TestRacesCache(t *testing.T) {
	r := NewResolver()
	n := 0
	together(func() { r.Lookup("a") }, func() {
		n++
		r.LookupFillsCache(strconv.Itoa(n), func(string) net.IP { return nil })
	})
}

func TestRacesHits(t *testing.T) {
	r := NewResolver()
	together(func() { r.LookupCountsHits("a") }, func() { r.LookupCountsHits("b") })
}

func TestRacesExpires(t *testing.T) {
	r := NewResolver()
	together(func() { r.LookupDropsExpired("a") }, func() { r.Expiry("a") })
}

func TestRacesUpper(t *testing.T) {
	r := NewResolver()
	together(func() { r.Upstream() }, func() { r.FailOverUnderReadLock("b") })
}
