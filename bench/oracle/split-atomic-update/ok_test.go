package splitatomic

import (
	"net"
	"testing"
)

func TestPasses(t *testing.T) {
	m := &Meter{done: make(chan struct{})}
	near, _ := net.Pipe()
	p := Probe(near)
	count := func() { m.Count(1) }
	together(count, count, func() { m.Raise(3) }, func() { m.Raise(4) }, m.Close, func() { m.Packet() }, func() { m.Smooth(1) }, func() { p.RTT() })
	if m.bytes.Load() != 6000 {
		t.Error("lost")
	}
}
