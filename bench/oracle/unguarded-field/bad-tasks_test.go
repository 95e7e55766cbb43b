package unguardedfield

import (
	"net"
	"testing"
	"time"
)

func TestRacesStream(t *testing.T) {
	near, far := net.Pipe()
	s := &Stream{wire: near}
	s.Serve()
	far.Write([]byte("hello"))
	time.Sleep(100 * time.Millisecond)
	far.Close()
}

func TestRacesStatus(t *testing.T) {
	s := &Status{}
	together(func() { s.Advance("up") }, func() { s.PhaseWithoutLock() })
}

func TestRacesServer(t *testing.T) {
	s := &Server{}
	s.Start("127.0.0.1:0")
	time.Sleep(200 * time.Millisecond)
	s.Stop()
}

func TestRacesMember(t *testing.T) {
	m := &Members{byID: map[string]*Member{"a": {}}}
	revive, fail := func() { m.ReviveAfterUnlock("a") }, func() { m.Fail("a") }
	together(revive, fail, revive, fail, revive, fail)
}
