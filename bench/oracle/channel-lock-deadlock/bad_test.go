package channellockdeadlock

import "testing"

func TestHangsPublish(t *testing.T) {
	h := NewHub()
	publish := func() { h.PublishUnderTheLock("a") }
	untilStuck(publish, publish)
}

func TestHangsJoin(t *testing.T) {
	h := NewHub()
	join := func() { h.JoinEmitsInAHelper("a") }
	untilStuck(join, join)
}

func TestHangsAsk(t *testing.T) {
	s := NewStore()
	ask := func() { s.AskUnderTheReadLock() }
	untilStuck(ask, ask)
}

func TestHangsWrite(t *testing.T) {
	l := NewLog()
	write := func() { l.WriteUntilTheBufferIsFull(make([]string, 200)) }
	untilStuck(write, write)
}
