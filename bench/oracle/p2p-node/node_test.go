package p2pnode

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"
)

func wait() { time.Sleep(100 * time.Millisecond) }

// frame is a frame as it goes over the wire.
func frame(topic Topic, payload string) []byte {
	f := []byte{byte(topic), 1, 0, 0}
	binary.BigEndian.PutUint16(f[2:], uint16(len(payload)))
	return append(f, payload...)
}

func pipe(inbox *Inbox) (*Conn, net.Conn) {
	near, far := net.Pipe()
	return newConn(near, inbox), far
}

// Defect 1, and 9 beside it.
func TestRacesDialOutbound(t *testing.T) {
	New(Config{MaxOutbound: 8}).dialOutbound([]string{"127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:1"})
	wait()
}

func TestPassesDialAll(t *testing.T) {
	n := New(Config{MaxOutbound: 8})
	n.book.Add("a", "127.0.0.1:1")
	n.book.Add("b", "127.0.0.1:1")
	n.DialAll()
}

// Defect 2.
func TestRacesStreams(t *testing.T) {
	c, far := pipe(NewInbox(8))
	go c.receive()
	go far.Write(frame(TopicBlocks, "block"))
	for range 100 {
		c.Send(TopicBlocks, []byte("x"))
		time.Sleep(time.Millisecond)
	}
}

// Defect 3.
func TestRacesAssembler(t *testing.T) {
	for range 1000 {
		s, inbox := newStream(TopicBlocks), NewInbox(8)
		atOnce(func() { s.handle([]byte("block"), true, inbox) }, s.cleanup)
	}
}

// Defect 4: the first Stop makes the accept loop stop the node as well.
func TestPanicsStop(t *testing.T) {
	n := New(Config{Listen: "127.0.0.1:0"})
	if err := n.Start(); err != nil {
		t.Fatal(err)
	}
	wait()
	n.Stop()
	wait()
}

func TestPassesConnStop(t *testing.T) {
	c, _ := pipe(NewInbox(8))
	c.Start()
	together(c.Stop, c.Stop)
}

// Defect 5.
func TestHangsRelay(t *testing.T) {
	r := NewRelay()
	untilStuck(func() { r.Open("a", "b", 200) }, func() { r.ledger.Settle("a", 1) })
}

func TestPassesRelay(t *testing.T) {
	r := NewRelay()
	together(func() { r.Open("a", "b", 2) }, func() { r.Refund("a") }, func() { r.ledger.Average(); r.ledger.Total() })
}

// Defect 6.
func TestHangsSummary(t *testing.T) { NewRelay().ledger.Summary() }

// Defect 7.
func TestHangsLookup(t *testing.T) {
	b := NewBook()
	b.Lookup("nobody")
	b.Add("a", "1")
}

func TestPassesFailures(t *testing.T) {
	b := NewBook()
	b.Failures("nobody")
	b.Add("a", "1")
	b.Failures("a")
}

// Defect 8a.
func TestPanicsDeliver(t *testing.T) {
	in := NewInbox(1)
	in.Close()
	in.Deliver(Message{})
}

// Defect 8b: a consumer takes the last message between the test and the receive.
func TestHangsDeliver(t *testing.T) {
	in := NewInbox(1)
	untilStuck(func() { in.Deliver(Message{}) }, func() { <-in.Messages() })
}

func TestPassesFeed(t *testing.T) {
	for range 200 {
		f := NewFeed(1)
		atOnce(func() { f.Publish(Event{}) }, func() { f.Publish(Event{}) }, f.Close, f.Close)
	}
}

// Defect 9.
func TestRacesOutbound(t *testing.T) {
	n := New(Config{MaxOutbound: 1 << 20})
	atOnce(func() { n.dialOutbound([]string{"127.0.0.1:1"}) }, func() {
		n.Lock()
		n.Add(&Peer{ID: "a", Outbound: true}, 8, 8)
		n.Unlock()
	})
	wait()
}

func TestPassesPeerSet(t *testing.T) {
	n := New(Config{})
	use := func() {
		n.Lock()
		n.Add(&Peer{ID: "a", Outbound: true}, 8, 8)
		n.Unlock()
		n.Outbound()
		n.Punish("a")
		n.Find("a")
		n.Remove("a")
	}
	together(use, use)
}

func conns(n int) map[string]*Conn {
	batch := map[string]*Conn{}
	for i := range n {
		c, far := pipe(NewInbox(8))
		go io.Copy(io.Discard, far)
		batch[string(rune('a'+i))] = c
	}
	return batch
}

// Defect 10.
func TestRacesProbe(t *testing.T) { Probe(conns(8)) }

func TestPassesSweep(t *testing.T) {
	s := NewSessions()
	for id, c := range conns(8) {
		s.Open(id, c)
	}
	together(func() { s.Sweep() }, func() { s.Sweep() })
}

// Defect 11.
func TestRacesAll(t *testing.T) {
	b := NewBook()
	together(func() { b.Add("a", "1") }, func() { use(b.All()["a"]) })
}

func TestPassesSnapshot(t *testing.T) {
	b := NewBook()
	together(func() { b.Add("a", "1"); b.Fail("a") }, func() { _ = b.Snapshot()["a"] })
}

// Defect 12.
func TestRacesFrames(t *testing.T) {
	c, far := pipe(NewInbox(8))
	go io.Copy(io.Discard, far)
	one, other := newStream(TopicBlocks), newStream(TopicTransactions)
	go c.pump(one)
	go c.pump(other)
	one.enqueue([]byte("block"))
	other.enqueue([]byte("transaction"))
	wait()
	c.Stop()
}

// use keeps the compiler from dropping a read.
//
//go:noinline
func use(any) {}
