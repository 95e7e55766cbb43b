package afterunlock

import (
	"net"
	"strconv"
	"testing"
)

func TestRacesRange(t *testing.T) {
	h := NewHub()
	n := 0
	together(func() { n++; h.Join(strconv.Itoa(n%100), &net.TCPConn{}) }, func() { h.BroadcastRangesAfterUnlock(nil) })
}

func TestRacesSlice(t *testing.T) {
	h := NewHub()
	together(func() { h.Join("a", &net.TCPConn{}) }, func() { h.BestReadsAfterUnlock() })
}

func TestRacesLookup(t *testing.T) {
	h := NewHub()
	together(func() { h.Subscribe("a", "b") }, func() { h.SubscribersLooksUpAfterUnlock("a") })
}

func TestRacesDelete(t *testing.T) {
	h := NewHub()
	together(func() { h.Subscribe("a", "b"); h.Leave("a") }, func() { h.ForgetDeletesAfterUnlock("a") })
}
