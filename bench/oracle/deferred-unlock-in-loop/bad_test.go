package deferredunlockinloop

import "testing"

func table() *Table { return &Table{routes: map[string]int{}} }

func TestHangsAddAll(t *testing.T) { table().AddAllLocksTwice([]string{"a", "b"}) }

func TestHangsFollow(t *testing.T) {
	table().FollowUntilKnown(func() (string, bool) { return "a", true })
}

// A connection that comes twice meets its own lock.
func TestHangsCount(t *testing.T) {
	conn := &Conn{}
	CountKeepsEveryConnectionLocked([]*Conn{conn, conn})
}
