package unguardedfield

import "testing"

func TestPasses(t *testing.T) {
	s, g := NewSessions(), NewGauge("g")
	c := &Caches{peers: map[string]int{}, blocks: map[string]int{}}
	together(
		func() { s.Open("a"); s.Count("a", 1); s.Close("a") },
		func() { s.Bytes(); s.ResetTakesLock(); s.RenameReadsInside("a", "b"); s.SwapKeepsACopy() },
		func() { s.DecayInLiteralCalledAtOnce(); s.DrainInDeferredLiteral(); s.SumWithVisitor() },
		func() { s.ResetIfFree(); s.ResetWhenAsked(true); s.ResetThroughWrappers(); s.ResetThroughGuard() },
		func() { s.ResetThroughAlias(); s.ResetInsideWith() },
		func() { g.Set(1); g.Add(1); g.Value(); g.Name(); g.Age() },
		func() { g.Reads(); g.Updates(); g.Cached(); g.Rare(); g.Set(2) },
		func() { g.Rare() },
		func() { c.PutPeer("a"); c.Peer("a"); c.DropPeer("a"); c.MoveWithBoth("a") },
		func() { c.PutBlock("a"); c.Block("a"); c.MoveWithBoth("a") },
	)
	s.DecayInGoroutineTakesLock()
}
