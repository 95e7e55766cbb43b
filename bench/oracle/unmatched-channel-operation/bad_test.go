package unmatched

import (
	"testing"
	"time"
)

// Room for sixteen and one with the loop: the eighteenth sender waits for ever.
func TestHangsSend(t *testing.T) {
	r := NewRelay()
	for range 18 {
		r.Send([]byte("a"))
	}
	time.Sleep(time.Hour)
}

func TestHangsReady(t *testing.T) { NewRelay().WaitUntilReady() }
