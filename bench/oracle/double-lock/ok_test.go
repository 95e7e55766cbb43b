package doublelock

import "testing"

func TestPasses(t *testing.T) {
	r := &Registry{peers: map[string]*Peer{"a": {ID: "a"}, "b": {ID: "b"}}}
	together(
		func() { r.RenameInOneSection("a", "a") },
		func() { r.RenameInTwoSections("b", "b") },
		func() { r.ReplaceUnlocksOnEachBranch("a", &Peer{}) },
		func() { r.StatsThroughLockedHelper() },
		func() { r.StatsOneAfterTheOther() },
		func() { r.EvictDefersInTheRightOrder("c") },
		func() { r.ExpireLater("c").Stop() },
		func() { r.VisitorForLater("c")() },
		func() { r.SweepEachInItsOwnSection([]string{"c", "d"}) },
		func() { r.SweepWithDeferInLiteral([]string{"c", "d"}) },
		func() { r.BranchesExcludeEachOther("c", true); r.BranchesExcludeEachOther("c", false) },
		func() { r.DropWhenCrowded("c") },
		func() { r.SizeOrGiveUp() },
		func() { r.Size(); r.Total() },
	)
	atOnce(func() { r.ScoreWhenThere("none") }, func() { r.ScoreWhenThere("none") })
	done := make(chan struct{})
	r.CompactOnAnotherGoroutine(done)
	<-done
}
