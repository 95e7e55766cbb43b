package missingunlock

import (
	"strings"
	"testing"
)

func TestHangsScan(t *testing.T) {
	w := &Watcher{seen: map[string]int{}}
	for range 2 {
		w.ScanKeepsTheLock(strings.NewReader("a"))
	}
}

func TestHangsLease(t *testing.T) {
	l := &Lease{closed: true}
	l.Use(func() {})
	l.mu.Lock()
}
