package unguardedfield

import "testing"

func TestRacesIsClosed(t *testing.T) {
	c := &Conn{}
	together(func() { c.IsClosedReadsWithoutLock() }, c.Close)
}

func TestRacesShrink(t *testing.T) {
	c := &Conn{window: 1 << 20}
	together(func() { c.ShrinkUnlocksTooEarly(1) }, func() { c.Grow(1) })
}

func TestRacesAdd(t *testing.T) {
	b := &Book{addresses: map[string]string{}, banned: map[string]bool{}}
	together(func() { b.AddForgetsLock("a", "1") }, func() { b.Ban("a") })
}

func TestRacesUnban(t *testing.T) {
	b := &Book{addresses: map[string]string{}, banned: map[string]bool{}}
	together(func() { b.UnbanUnderReadLock("a") }, func() { b.UnbanUnderReadLock("a") })
}

func TestRacesNext(t *testing.T) {
	f := &Feed{}
	together(func() { f.NextTakesWithoutLock() }, func() { f.Publish("a") })
}

func TestRacesLookup(t *testing.T) {
	together(func() { LookupForgetsGlobalMutex("a") }, func() { Register("a", nil) })
}
