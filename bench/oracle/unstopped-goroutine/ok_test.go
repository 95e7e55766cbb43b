package unstopped

import (
	"context"
	"net"
	"runtime"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	before := runtime.NumGoroutine()
	one, other := net.Pipe()
	Keep(one).Close()
	Read(other, func([]byte) {}).Close()
	w := NewWorker(context.Background())
	w.Do(func() {})
	w.Close()
	w.Close()
	time.Sleep(100 * time.Millisecond)
	if runtime.NumGoroutine() > before {
		t.Fatal("a goroutine is left behind")
	}
	(&Poller{poll: func() {}}).Start()
}
