package ledger

import "testing"

func TestRacesPostForgetsTheLock(t *testing.T) {
	l := &Ledger{}
	together(func() { l.Post("a") }, func() { l.PostForgetsTheLock("b") })
}

func TestRacesTouchUnderReadLock(t *testing.T) {
	i := &Index{pages: map[string]int{}}
	together(func() { i.TouchUnderReadLock("a") }, func() { i.TouchUnderReadLock("a") })
}

func TestRacesSizeForgetsTheLock(t *testing.T) {
	i := &Index{pages: map[string]int{}}
	n := 0
	together(func() { n++; i.Put(string(rune('a'+n%20)), n) }, func() { i.SizeForgetsTheLock() })
}

func TestPanicsCloseForgetsTheLock(t *testing.T) { new(Session).CloseForgetsTheLock() }
