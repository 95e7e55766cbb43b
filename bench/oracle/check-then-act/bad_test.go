package checkact

import (
	"runtime"
	"testing"
)

func TestFailsSpend(t *testing.T) {
	for range 100 {
		b := &Budget{left: 20000}
		spend := func() {
			for range 10000 {
				b.SpendComputesFromOldValue(1)
			}
		}
		atOnce(spend, spend)
		if b.left != 0 {
			t.Fatalf("%d left", b.left)
		}
	}
}

func TestFailsConn(t *testing.T) {
	dialed := make(chan struct{}, 2)
	b := &Budget{conns: map[string]*Session{}, dial: func(string) *Session {
		dialed <- struct{}{}
		for len(dialed) < 2 {
			runtime.Gosched()
		}
		return &Session{}
	}}
	conns := make(chan *Session, 2)
	conn := func() { conns <- b.ConnDialsBetweenSections("a") }
	atOnce(conn, conn)
	if <-conns != <-conns {
		t.Error("two connections")
	}
}

func TestFailsStart(t *testing.T) {
	for range 20000 {
		b := &Budget{}
		runs := make(chan struct{}, 2)
		start := func() { b.StartTestsThenSets(func() { runs <- struct{}{} }) }
		atOnce(start, start)
		<-runs
		runtime.Gosched()
		if len(runs) > 0 {
			t.Fatal("started twice")
		}
	}
}

func TestFailsRoom(t *testing.T) {
	for range 20000 {
		r := &Rooms{}
		rooms := make(chan *Budget, 2)
		room := func() { rooms <- r.RoomLoadsThenStores("a") }
		atOnce(room, room)
		if <-rooms != <-rooms {
			t.Fatal("two rooms")
		}
	}
}
