package unsynchronizedcounter

import (
	"net"
	"net/http/httptest"
	"testing"
	"time"
)

func wait() { time.Sleep(100 * time.Millisecond) }

func TestRacesServer(t *testing.T) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	go (&Server{listener: listener}).AcceptLoop()
	for range 5 {
		conn, _ := net.Dial("tcp", listener.Addr().String())
		conn.Write([]byte("hello"))
	}
	wait()
}

func TestRacesStats(t *testing.T) {
	s := &Stats{}
	request := func() { s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil)) }
	together(request, request)
}

func TestRacesDials(t *testing.T) {
	DialAll([]string{"127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:1"})
	wait()
}

func TestRacesMeter(t *testing.T) {
	m := NewMeter(func(int) {})
	m.ticks = make(chan struct{})
	atOnce(func() { m.packets <- nil; m.packets <- nil }, func() { m.ticks <- struct{}{}; m.ticks <- struct{}{} })
	wait()
}

func TestRacesSlots(t *testing.T) {
	job := func() {}
	(&Slots{free: 5}).RunEachJobInAGoroutine([]func(){job, job, job, job})
	wait()
}
