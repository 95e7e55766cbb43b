package signalbroadcast

import (
	"runtime"
	"testing"
	"time"
)

func TestFailsConn(t *testing.T) {
	before := runtime.NumGoroutine()
	Open(func([]byte) {}, func([]byte) {}).Close()
	time.Sleep(100 * time.Millisecond)
	if runtime.NumGoroutine() > before {
		t.Fatal("a loop still runs")
	}
}

func TestFailsPool(t *testing.T) {
	before := runtime.NumGoroutine()
	NewPool(3).Stop()
	time.Sleep(100 * time.Millisecond)
	if runtime.NumGoroutine() > before {
		t.Fatal("workers still run")
	}
}
