package lostsignal

import (
	"testing"
	"time"
)

// The look at the flag and the wait lie close together: many queues are closed until one consumer sleeps for ever.
func TestHangsPop(t *testing.T) {
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); {
		q := NewQueue()
		atOnce(func() { q.Pop() }, func() { q.Close() })
	}
}
