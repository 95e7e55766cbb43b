package condwaitoutsideloop

import (
	"testing"
	"time"
)

func TestPanicsTakeAsksOnlyOnce(t *testing.T) {
	q := New()
	go func() {
		time.Sleep(100 * time.Millisecond)
		q.Put("one, and two wait for it")
	}()
	atOnce(func() { q.TakeAsksOnlyOnce() }, func() { q.TakeAsksOnlyOnce() })
}

func TestPanicsWorkAsksOnceForEachItem(t *testing.T) {
	q := New()
	go func() {
		time.Sleep(100 * time.Millisecond)
		q.Put("one, and two wait for it")
	}()
	work := func() { q.WorkAsksOnceForEachItem(func(string) {}) }
	atOnce(work, work)
}
