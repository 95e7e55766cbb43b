package unguardedfield

import "testing"

func TestPasses(t *testing.T) {
	q := NewQueue()
	h := &Heights{}
	h.remote.Set(map[string]int{})
	b := &Box[string]{}
	together(
		func() { q.Push("a"); q.Len() },
		func() { q.PopThroughCondition() },
		func() { h.Learn("a", 1); h.local.Get() },
		func() { h.Learn("b", 2) },
		func() { b.Set("a"); b.Get(); b.Update(func(s string) string { return s }) },
		func() { b.Set("b") },
	)
	q.Close()
}
