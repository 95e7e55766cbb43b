package stats

import "testing"

// Who believes the sentence calls it with the lock in hand.

func TestHangsBytes(t *testing.T) {
	s := &Stats{names: map[string]int{}}
	s.mu.Lock()
	s.Bytes()
}

func TestHangsSummary(t *testing.T) {
	s := &Stats{names: map[string]int{}}
	s.mu.Lock()
	s.Summary()
}
