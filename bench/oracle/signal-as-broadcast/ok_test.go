package signalbroadcast

import (
	"runtime"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	before := runtime.NumGoroutine()
	Open(func([]byte) {}, func([]byte) {}).Close()
	pool := NewPool(3)
	pool.Do(func() {})
	pool.Wake()
	pool.Shrink()
	time.Sleep(100 * time.Millisecond)
	if runtime.NumGoroutine() > before {
		t.Fatal("a loop still runs")
	}
	StopFirst([]string{"a", "b"}, func(string) { time.Sleep(time.Millisecond) })
}
