package doubleclose

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	FlushClosesOnTheWayOutOnly([]string{"a", ""}, make(chan string, 1))
	CopyClosesOnEachBranch(strings.NewReader("a"))
	CopyClosesOnEachBranch(strings.NewReader(""))
	NotifyClosesEachItsOwn([]chan struct{}{make(chan struct{}), make(chan struct{})})
	RestartClosesAndReplaces(3)
	n := &Node{quit: make(chan struct{})}
	other := &Node{quit: make(chan struct{})}
	w := NewWatch()
	c := &Conn{closed: make(chan struct{})}
	s := &Stream{queue: make(chan []byte)}
	f, taken := &Feed{events: make(chan string)}, &Feed{events: make(chan string)}
	b := &Broker{subs: map[int]chan string{1: make(chan string), 2: make(chan string)}}
	subscription, ticket := &Subscription{done: make(chan struct{})}, &Ticket{done: make(chan struct{})}
	stop := func() {
		n.Add()
		n.StopOnce()
		other.StopOnceMethod()
		w.Close()
		c.CloseLooksUnderTheLock()
		s.CloseTestsFlagUnderTheLock()
		f.CloseAndForget()
		taken.CloseOutsideButTakenInside()
		b.Unsubscribe(1)
		b.Shutdown()
		subscription.StopSwaps()
		ticket.UseSwaps()
	}
	together(stop, stop, stop)
	for range Lines(context.Background(), func() (string, bool) { return "", false }) {
	}
	<-Pipe(strings.NewReader("a"), strings.NewReader("b"))
	FirstWinsByOnce([]string{"a", "b"}, func(string) bool { return true })
	server := Start()
	close(server.Quit)
	server.Wait()
	time.Sleep(50 * time.Millisecond)
}
