package waitgroupaddingoroutine

import (
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// The detector sees nothing when Wait finds the group at zero, so that the proof is what Wait has not waited for.

func TestFailsDialAll(t *testing.T) {
	for range 1000 {
		before := runtime.NumGoroutine()
		DialAllAddsInGoroutine([]string{"127.0.0.1:1", "127.0.0.1:1"})
		if runtime.NumGoroutine() > before {
			t.Fatal("returned while goroutines were dialing")
		}
	}
}

func TestFailsServe(t *testing.T) {
	for range 100 {
		listener, _ := net.Listen("tcp", "127.0.0.1:0")
		go func() {
			net.Dial("tcp", listener.Addr().String())
			listener.Close()
		}()
		before := runtime.NumGoroutine()
		(&Server{listener: listener}).ServeAddsInHandler()
		if runtime.NumGoroutine() >= before {
			t.Fatal("returned while handlers were running")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestFailsWorkers(t *testing.T) {
	for range 1000 {
		var done atomic.Int64
		job := func() { done.Add(1) }
		RunWorkersAddThemselves([]func(){job, job})
		if done.Load() < 2 {
			t.Fatal("returned before the jobs were done")
		}
	}
}

func TestFailsProbe(t *testing.T) {
	for range 1000 {
		var done atomic.Int64
		ProbeAddsAfterCheck([]string{"a", "b"}, func(string) bool { return true }, func(string) { done.Add(1) })
		if done.Load() < 2 {
			t.Fatal("returned before the probes were done")
		}
	}
}
