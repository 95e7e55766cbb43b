package capturedvariable

import "testing"

func TestPasses(t *testing.T) {
	one := func() int { return 1 }
	get := OnceWritesBeforeEveryRead(func() string { return "value" })
	next := func(n int) int { return n + 1 }
	turn := func() {
		get()
		WaitInDeferredCall(one, func(int) {})
		WaitByContext(one)
		HelperGoroutineWaitsForOthers([]func() int{one, one})
		ConditionGuardsFlag(func() {})
		SequentialGoroutines(next, next)
		SemaphoreOfOne([]func() int{one, one, one})
	}
	together(turn, turn)
}
