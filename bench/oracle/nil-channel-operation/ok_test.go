package nilchannel

import (
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	s := NewSession()
	go s.Deliver([]byte("a"))
	s.Receive()
	s.Close()
	s.Close()
	relay := make(chan []byte, 1)
	s.UseRelay(relay)
	s.Forward([]byte("b"))
	AskPeer(func() string { return "yes" })
	left, right := make(chan int, 1), make(chan int)
	left <- 1
	close(left)
	close(right)
	Merge(left, right, func(int) {})
	done := make(chan struct{})
	Wait(done, time.Millisecond)
	close(done)
	Wait(done, 0)
	pool := &Pool{}
	pool.Grow()
	go pool.Put(0, 1)
	pool.Take(0)
	frames := make(chan []byte, 1)
	frames <- nil
	Read(frames, time.Minute)
	Read(frames, time.Millisecond)
	store := NewStore()
	go store.Loop(func(key string) string { return key })
	store.Get("a")
	waiting := make(chan string, 1)
	pending.Store("k", waiting)
	Answer("k", "v")
	var d Deadline
	d.Arm(time.Millisecond)
	d.Wait()
}
