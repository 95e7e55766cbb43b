package unguardedfield

import "testing"

func TestPasses(t *testing.T) {
	n := NewNode(3)
	together(func() { n.Members() }, func() { n.events.Joined("a", nil) })
	close(n.done)
	for range 20 {
		l := List(func() ([]string, error) { return []string{"a"}, nil })
		for range l.Names() {
		}
		if l.Err() != nil {
			t.Error("error")
		}
	}
	for range Stream(func(n int) []string { return make([]string, max(0, 3-n)) }) {
	}
	a := &Acks{pending: map[string]chan error{}}
	together(func() { a.Expect("a") }, func() { a.Stall() }, func() { a.Arrived("a", nil) })
}
