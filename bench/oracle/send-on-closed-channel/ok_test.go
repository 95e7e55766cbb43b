package sendonclosedchannel

import "testing"

func lines() chan string {
	in := make(chan string, 2)
	in <- "quit"
	in <- "more"
	close(in)
	return in
}

func TestPasses(t *testing.T) {
	GreetClosesLast(make(chan string, 4), []string{"a"})
	RelayLeavesLoopAfterClose(lines(), make(chan string, 4))
	RelayDefersClose(lines(), make(chan string, 4))
	RestartMakesAnother(3, func(chan int) {})
	BranchesExcludeEachOther(make(chan string, 1), false)
	BranchesExcludeEachOther(make(chan string, 1), true)
	AllAnswers([]string{"a", "b"}, func(peer string) string { return peer })
	for range Count(3) {
	}
	FirstNumbers(3)
	for range 200 {
		l := &Link{queue: make(chan []byte), done: make(chan struct{})}
		s := &Session{packets: make(chan []byte, 1)}
		b := &Bus{events: make(chan string, 1)}
		k := &Broker{subs: map[int]chan string{1: make(chan string, 1)}}
		atOnce(
			func() { l.SendUntilDone(nil) }, l.Close,
			func() { s.WriteUnderTheLock(nil) }, s.Close, s.Close,
			func() { b.Publish("a") }, b.Shutdown, b.Shutdown,
			func() { k.Publish("a") }, func() { k.Unsubscribe(1) }, func() { k.Unsubscribe(1) },
		)
	}
	// The detector calls a send that meets a close a race, so these two come one after the other.
	o := &Loose{lines: make(chan string)}
	o.Close()
	if o.Offer("late") {
		t.Fatal("sent")
	}
}
