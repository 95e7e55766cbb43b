package checkact

import (
	"net"
	"testing"
)

func TestPasses(t *testing.T) {
	b := NewBudget(6000)
	b.conns, b.sizes, b.hosts = map[string]net.Conn{}, map[string]int{}, map[string]*Host{}
	b.dial = func(string) net.Conn {
		near, _ := net.Pipe()
		return near
	}
	r := &Rooms{}
	spend := func() { b.Spend(1) }
	together(spend, spend, func() { b.Conn("a") }, func() { b.Conn("a") }, func() { b.Size("a", func(string) int { return 1 }) }, func() { r.Room("a") }, func() { b.Host("a") })
	if b.left != 0 {
		t.Errorf("%d left", b.left)
	}
	b.Refill()
	b.Start(func() {})
}
