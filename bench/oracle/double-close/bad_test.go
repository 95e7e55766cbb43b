package doubleclose

import (
	"strings"
	"testing"
	"time"
)

func wait() { time.Sleep(100 * time.Millisecond) }

func TestPanicsFlush(t *testing.T)  { FlushClosesAgainOnTheWayOut([]string{""}, make(chan string, 1)) }
func TestPanicsCopy(t *testing.T)   { CopyClosesTwiceInARow(strings.NewReader("a")) }
func TestPanicsHelper(t *testing.T) { WaitClosesAfterHelper(func() {}) }
func TestPanicsLoop(t *testing.T)   { NotifyClosesInLoop([]string{"a", "b"}, make(chan struct{})) }

func TestPanicsNode(t *testing.T) {
	n := &Node{quit: make(chan struct{})}
	n.Add()
	n.StopClosesUnguarded()
	n.Serve()
	n.StopClosesUnguarded()
}

// Both look before either closes: many attempts, as the window is small.
func TestPanicsConn(t *testing.T) {
	for range 200000 {
		c := &Conn{closed: make(chan struct{})}
		atOnce(c.CloseLooksBeforeItCloses, c.CloseLooksBeforeItCloses, func() { c.Send() })
	}
}

func TestPanicsSubscription(t *testing.T) {
	for range 200000 {
		s := &Subscription{done: make(chan struct{})}
		fail := make(chan error)
		s.Run(fail)
		close(fail)
		atOnce(s.StopLoadsThenStores, s.StopLoadsThenStores)
	}
}

func TestPanicsStream(t *testing.T) {
	for range 200000 {
		s := &Stream{queue: make(chan []byte)}
		atOnce(s.CloseAfterTheLock, s.CloseAfterTheLock)
	}
}

func TestPanicsPipe(t *testing.T) {
	PipeClosesOnBothSides(strings.NewReader("a"), strings.NewReader("b"))
	wait()
}

func TestPanicsRace(t *testing.T) {
	RaceClosesInEachGoroutine([]string{"a", "b"}, func(string) bool { return true })
	wait()
}

func TestPanicsBroker(t *testing.T) {
	b := &Broker{}
	close(b.Subscribe().cancel)
	wait()
	b.ShutdownClosesWhatTheGoroutineCloses()
}
