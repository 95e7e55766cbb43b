package deferredlock

import (
	"testing"
	"time"
)

func TestHangsAdd(t *testing.T)  { (&Peers{byID: map[string]string{}}).AddDefersLock("a", "1") }
func TestHangsJoin(t *testing.T) { (&Set{members: map[string]bool{}}).JoinDefersEmbeddedLock("a") }

// The two read locks are granted, and neither is ever given back.
func TestHangsLen(t *testing.T) {
	p := &Peers{}
	p.LenDefersReadLock()
	p.mu.Lock()
}

func TestHangsRegister(t *testing.T) {
	RegisterInGoroutine("a")
	time.Sleep(50 * time.Millisecond)
	registryMu.Lock()
}
