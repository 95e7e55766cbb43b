package unguardedfield

import (
	"net"
	"testing"
	"time"
)

func TestRacesFinder(t *testing.T) {
	f := &Finder{}
	f.Found()
	together(f.StartWritesCancel, f.StopReadsCancel)
}

// A minute is too long to wait, so the probe is run the way the background does.
func TestRacesMapper(t *testing.T) {
	m := NewMapper(func() net.IP { return net.IPv4zero })
	together(func() { m.external = m.probe() }, func() { m.External() })
}

func TestRacesSyncer(t *testing.T) {
	s := &Syncer{blocks: make(chan int)}
	s.RunTwoLoops()
	s.blocks <- 3
	s.blocks <- 5
	time.Sleep(100 * time.Millisecond)
}
