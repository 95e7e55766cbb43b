package splitatomic

import "testing"

func TestFailsCount(t *testing.T) {
	for range 100 {
		m := &Meter{}
		count := func() {
			for range 10000 {
				m.CountLoadsThenStores(1)
			}
		}
		atOnce(count, count)
		if m.bytes.Load() != 20000 {
			t.Fatal("lost", 20000-m.bytes.Load())
		}
	}
}

func TestFailsDouble(t *testing.T) {
	for range 20000 {
		m := &Meter{}
		m.peak.Store(1)
		double := func() {
			for range 20 {
				m.DoubleInOneLine()
			}
		}
		atOnce(double, double)
		if m.peak.Load() != 1<<40 {
			t.Fatal("doubled less often")
		}
	}
}

func TestPanicsClose(t *testing.T) {
	for range 50000 {
		m := &Meter{done: make(chan struct{})}
		atOnce(m.CloseLoadsThenStores, m.CloseLoadsThenStores)
	}
}

func TestRacesPacket(t *testing.T) {
	m := &Meter{}
	together(m.PacketAssignsResult, m.PacketAssignsResult)
}
