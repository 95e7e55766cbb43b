package condwaitwithoutlock

import "testing"

func TestPanicsPass(t *testing.T)     { New().PassWithoutTheLock() }
func TestPanicsTooEarly(t *testing.T) { New().PassReleasesTooEarly() }

func TestPanicsArrive(t *testing.T) {
	b := NewBarrier()
	b.count = 1
	b.ArriveHoldsAnotherLock()
}

func TestPanicsTakeWithTheWriteLock(t *testing.T) { NewFeed().TakeWithTheWriteLock() }
func TestPanicsPeekWithoutAnyLock(t *testing.T)   { NewFeed().PeekWithoutAnyLock() }
func TestPanicsAwaitWithTheReadLock(t *testing.T) { NewBoard().AwaitWithTheReadLock(1) }
