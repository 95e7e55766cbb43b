package unguardedfield

import (
	"math/rand"
	"testing"
	"time"
)

func TestRacesReset(t *testing.T) {
	s := NewSessions()
	together(s.ResetForgetsLock, func() { s.Bytes() })
}

func TestRacesRename(t *testing.T) {
	s := NewSessions()
	together(func() { s.RenameReadsTooEarly("a", "b") }, func() { s.Open("a") })
}

func TestRacesSwap(t *testing.T) {
	s := NewSessions()
	together(func() { s.SwapReadsTooLate() }, func() { s.Count("a", 4) })
}

func TestRacesDecay(t *testing.T) {
	c := &Traffic{bytes: 10}
	c.DecayInGoroutineWithoutParentLock()
	for range 12 {
		c.Sub(0)
		c.Reset()
		time.Sleep(100 * time.Millisecond)
	}
}

func TestRacesAdd(t *testing.T) {
	c := &Traffic{}
	together(func() { c.AddLocksOnOneBranch(1, true) }, func() { c.Sub(1) })
}

func TestRacesHelper(t *testing.T) {
	l := &Limits{byPeer: map[string]int{}}
	together(l.TouchCallsHelperUnlocked, func() { l.Set("a", 1); l.Drop("a") })
}

func TestRacesUnderReadLock(t *testing.T) {
	l := &Limits{byPeer: map[string]int{}}
	together(l.RefreshWritesUnderReadLock, func() { l.Version() })
}

func TestRacesOutbound(t *testing.T) {
	n := &Node{max: 1}
	together(func() { n.DialLoopBypassesAccessor(n.AddOutbound) }, func() { n.AddOutbound(); n.RemoveOutbound() })
}

func TestRacesWrongLock(t *testing.T) {
	r := &Relay{routes: map[string]string{}}
	together(func() { r.ForwardUnderTheWrongLock("a") }, func() { r.Learn("a", "b"); r.Forget("a") })
}

func TestRacesJitter(t *testing.T) {
	j := &Jitter{random: rand.New(rand.NewSource(1))}
	together(func() { j.RollPastTheLock() }, func() { j.Pause() })
}

func TestPassesUnderLock(t *testing.T) {
	s, c := NewSessions(), &Traffic{}
	l := &Limits{byPeer: map[string]int{}}
	together(
		func() { s.Open("a"); s.Count("a", 1); s.Bytes(); s.Close("a") },
		func() { s.Open("b"); s.Count("b", 1); s.Bytes(); s.Close("b") },
		func() { c.Peak(); c.Reset(); c.Sub(1) },
		func() { c.Peak(); c.Reset(); c.Sub(1) },
		func() { l.Set("a", 1); l.Get("a"); l.Version() },
		func() { l.Drop("a") },
	)
}
