package waitunderlock

import (
	"testing"
	"time"
)

// Sooner or later the merger still merges when Stop has the lock.
func TestHangsMerger(t *testing.T) {
	merge := func() {
		m := NewMerger()
		m.updates <- "a"
		m.Stop()
	}
	untilStuck(merge, merge)
}

// Close stands in line before the sweeper, who comes a second after his start.
func TestHangsRelay(t *testing.T) {
	r := NewRelay()
	r.mu.Lock()
	time.AfterFunc(1300*time.Millisecond, r.mu.Unlock)
	r.Close()
}
