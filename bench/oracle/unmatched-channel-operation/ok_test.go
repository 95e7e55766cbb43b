package unmatched

import (
	"context"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	r := NewRelay(func(int) {})
	for range 40 {
		r.Send([]byte("a"))
	}
	r.WaitUntilReady()
	close(r.frames)
	<-r.Events
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	NewSession().Wait(ctx)
	hub := NewHub()
	go hub.Loop()
	hub.Join()
	subscribe(func(updates chan<- int) { go func() { updates <- 1 }() })
}
