package main

import (
	"testing"
	"time"
)

// The other task comes between the lookup and the lock: it gives the connection back, and somebody else gets it.
func TestFailsAdd(t *testing.T) {
	pool := &Pool{conns: map[string]*Conn{}}
	a := &Assembler{pool: pool}
	conn := pool.get("one")
	conn.mu.Lock()
	done := make(chan struct{})
	go func() { a.Add("one", []byte("syn")); close(done) }()
	time.Sleep(50 * time.Millisecond)
	pool.remove(conn)
	other := pool.get("two")
	conn.mu.Unlock()
	<-done
	if other.bytes != 0 {
		t.Fatalf("%s has %d bytes of another flow", other.flow, other.bytes)
	}
}
