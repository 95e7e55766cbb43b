package unstopped

import (
	"net"
	"runtime"
	"testing"
	"time"
)

func leaves(t *testing.T, openAndClose func()) {
	before := runtime.NumGoroutine()
	openAndClose()
	time.Sleep(100 * time.Millisecond)
	if runtime.NumGoroutine() > before {
		t.Fatal("a goroutine is left behind")
	}
}

func TestFailsKeeper(t *testing.T) {
	leaves(t, func() {
		conn, _ := net.Pipe()
		Keep(conn).Close()
	})
}

func TestFailsCache(t *testing.T) {
	leaves(t, func() {
		c := NewCache(func(string) {})
		c.Expire("a")
		c.Close()
	})
}

func TestFailsPoller(t *testing.T) {
	leaves(t, func() {
		p := &Poller{poll: func() {}}
		p.Start()
		p.Stop()
	})
}
