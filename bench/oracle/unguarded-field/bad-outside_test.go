package unguardedfield

import (
	"testing"
	"time"
)

func TestRacesGet(t *testing.T) {
	s := &Store{}
	together(func() { s.GetChecksBeforeLock("a") }, func() { s.Put("a", "1"); s.Reset() })
}

func TestRacesClose(t *testing.T) {
	s := &Store{}
	together(s.CloseNilsBeforeLock, func() { s.Put("a", "1"); s.Reset(); s.First(); s.Trim() })
}

func TestRacesAdvance(t *testing.T) {
	s := &Store{}
	together(s.AdvanceReadsInArgument, func() { s.Put("a", "1"); s.Len() })
}

func TestRacesKeys(t *testing.T) {
	s := &Store{}
	together(func() { s.KeysRangesOverAlias() }, func() { s.Put("a", "1") })
}

func TestRacesExpire(t *testing.T) {
	s := &Store{head: 1}
	s.ExpireInTimerWithoutParentLock(time.Millisecond)
	s.Put("a", "1")
	time.Sleep(100 * time.Millisecond)
}

func TestRacesBack(t *testing.T) {
	s := &Store{}
	back, put := func() { s.BackUnlocksInBetween() }, func() { s.Put("a", "1"); s.Reset() }
	together(back, put, back, put, back, put)
}
