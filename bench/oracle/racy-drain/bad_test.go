package racydrain

import (
	"sync/atomic"
	"testing"
	"time"
)

// The last job may go to the worker between the look and the receive: many attempts, as the window is small.
func TestHangsDrain(t *testing.T) {
	var drained atomic.Int64
	go func() {
		for {
			q := NewQueue(1)
			for range 64 {
				q.Put(func() {})
			}
			q.Drain()
			close(q.jobs)
			drained.Add(1)
		}
	}()
	for before := int64(-1); before != drained.Load(); time.Sleep(500 * time.Millisecond) {
		before = drained.Load()
	}
	panic("stuck: the drain gets no further")
}
