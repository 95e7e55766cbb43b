package unlockwithoutlock

import "testing"

func TestPasses(t *testing.T) {
	q, p := &Queue{}, &Peers{byID: map[string]string{}}
	for range 300 {
		q.PushLeavesItToTheDefer("a")
	}
	together(
		func() { q.PushLeavesItToTheDefer("a"); q.LenLocksFirst() },
		func() { p.DropLocksAroundBoth(""); p.DropLocksAroundBoth("a") },
		func() { p.SameConditionTwice("a", true); p.TwoReadersOneAfterTheOther("a") },
		func() { q.ClearThroughWrappers(); q.LockQueue(); q.UnlockQueue() },
		func() { q.PushThroughFinisher("a"); q.PushTwiceThroughFinisher("b") },
		func() { q.FlushBehind(func([]string) {}); q.ClearIfFree(); q.Guarded().Done() },
		func() { q.FlagSaysWhetherHeld(func(string) {}) },
		func() { WithLocker(&q.mu, func() {}); WithPointer(q); q.PopUnlocksOnce() },
	)
	q.PushThroughFinisher("a")
	q.PopWaits()
}
