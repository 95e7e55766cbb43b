package missingunlock

import (
	"io"
	"net"
	"testing"
	"time"
)

func closed() *Session { return &Session{closed: true} }

func table() *Table { return &Table{peers: map[string]string{"a": "1"}} }

func TestHangsSend(t *testing.T) {
	s := closed()
	s.SendReturnsEarlyWhenClosed(nil)
	s.mu.Lock()
}

func TestHangsHandshake(t *testing.T) {
	near, far := net.Pipe()
	go func() {
		io.ReadFull(far, make([]byte, 5))
		far.Close()
	}()
	s := &Session{wire: near}
	s.HandshakeForgetsOneOfManyErrors([]byte("hello"))
	s.mu.Lock()
}

func TestHangsLookup(t *testing.T) {
	l := table()
	l.LookupKeepsReadLock("b")
	l.mu.Lock()
}

func TestHangsFind(t *testing.T) {
	l := table()
	l.FindReturnsFromLoop("1")
	l.mu.Lock()
}

func TestHangsApply(t *testing.T) {
	l := table()
	l.ApplyForgetsOneCase("ignore", "a", "1")
	l.mu.Lock()
}

func TestHangsReplace(t *testing.T) {
	l := table()
	l.ReplaceDefersTooLate(nil)
	l.mu.Lock()
}

func TestHangsTake(t *testing.T) {
	h := &Hub{}
	h.TakeKeepsEmbeddedMutex()
	h.Lock()
}

func TestHangsDrain(t *testing.T) {
	h := &Hub{}
	h.DrainBreaksLocked(nil)
	h.Lock()
}

func TestHangsReap(t *testing.T) {
	h := &Hub{}
	h.ReapFromTimer(0)
	time.Sleep(100 * time.Millisecond)
	h.Lock()
}

func TestHangsPublish(t *testing.T) {
	h := &Hub{}
	quit := make(chan struct{})
	close(quit)
	h.PublishReturnsFromSelect(nil, quit)
	h.Lock()
}

func TestHangsCount(t *testing.T) {
	stats["a"] = 2000
	CountKeepsGlobalMutex("a")
	statsMu.Lock()
}

func TestHangsFlush(t *testing.T) {
	s := closed()
	s.FlushInGoroutine()
	time.Sleep(100 * time.Millisecond)
	s.mu.Lock()
}

func TestHangsCopyTo(t *testing.T) {
	s := closed()
	table().CopyToForgetsTheSecond(s, "b")
	s.mu.Lock()
}
