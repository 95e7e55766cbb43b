package racydrain

import (
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	for range 1000 {
		q := NewQueue(2)
		for range 64 {
			q.Put(func() {})
		}
		q.Drain()
		q.Report(func(int) {})
		close(q.jobs)
	}
	b := StartBatcher(func([]int) {})
	for v := range 1000 {
		b.Add(v)
	}
	first := make(chan struct{})
	e := Expect(func(string) { close(first) })
	e.Add("a")
	<-first
	e.Add("b")
	go func() {
		time.Sleep(10 * time.Millisecond)
		close(e.answers)
	}()
	e.Rest(func(string) {})
}
