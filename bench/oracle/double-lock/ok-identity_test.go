package doublelock

import (
	"sync"
	"testing"
)

func TestPasses(t *testing.T) {
	tail := &Node{}
	head := &Node{next: &Node{next: tail}}
	child := &Node{parent: &Node{parent: &Node{}}}
	shards := &Shards{}
	keyed := &Keyed{locks: map[string]*sync.Mutex{}}
	duplex, outer, inner := &Duplex{}, &Outer{}, &Inner{}
	together(
		func() { child.AddLoadUpwards(1) },
		func() { Last(head); LoadOfFirstTwo(head) },
		func() { shards.Move(1, 2, 1) },
		func() { shards.Move(2, 1, 1) },
		func() { keyed.WithBoth("a", "b", func() {}) },
		func() { keyed.WithBoth("b", "a", func() {}) },
		func() { duplex.Totals(); duplex.CountRead(1); duplex.CountWritten(1) },
		func() { outer.Add(1); outer.MergeFrom(inner) },
	)
}
