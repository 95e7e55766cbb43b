package copiedlock

import (
	"sync"
	"testing"
)

func raise(p *Peer) func() {
	return func() {
		p.mu.Lock()
		p.score++
		p.mu.Unlock()
	}
}

func TestRacesReceiver(t *testing.T) {
	p := &Peer{}
	untilStuckOrRaces(raise(p), func() { p.ScoreOnValueReceiver() })
}

func TestRacesParameter(t *testing.T) {
	p := &Peer{}
	untilStuckOrRaces(raise(p), func() { RaiseParameterByValue(*p) })
}

func TestRacesSnapshot(t *testing.T) {
	p := &Peer{}
	untilStuckOrRaces(raise(p), func() { SnapshotByDereference(p) })
}

func TestRacesRange(t *testing.T) {
	peers := make([]Peer, 1)
	untilStuckOrRaces(raise(&peers[0]), func() { SumRangesByValue(peers) })
}

func TestRacesField(t *testing.T) {
	n := &Node{}
	untilStuckOrRaces(raise(&n.self), func() { _ = n.ReturnsFieldByValue().score; PassesByValue(n) })
}

func TestRacesNested(t *testing.T) {
	n, other := &Node{}, &Node{}
	untilStuckOrRaces(func() {
		other.stats.dials.Lock()
		other.stats.dials.count++
		other.stats.dials.Unlock()
	}, func() { n.AssignsNestedLock(other) })
}

func TestRacesArray(t *testing.T) {
	shards := &[4]Peer{}
	untilStuckOrRaces(raise(&shards[0]), func() { CopyArray(shards) })
}

// A copy of a locked mutex is locked, and nobody will ever unlock it.
func TestHangsSnapshotOfLocked(t *testing.T) {
	p := &Peer{}
	p.mu.Lock()
	SnapshotByDereference(p)
}

func TestHangsElementOfLocked(t *testing.T) {
	var p Peer
	p.mu.Lock()
	TakeElementByValue(map[string]Peer{"a": p}, "a")
}

// The copy counts for itself, so nobody ever takes it to zero.
func TestHangsWait(t *testing.T) {
	var working sync.WaitGroup
	working.Add(1)
	go working.Done()
	WaitOnCopy(working)
}

func TestPanicsOnce(t *testing.T) {
	g, opened := &Gate{}, 0
	open := func() {
		if opened++; opened > 1 {
			panic("opened twice")
		}
	}
	OpenCopy(g, open)
	OpenCopy(g, open)
}

// Copies of a locked mutex stop a task for ever, so that nothing is waited for here.
func untilStuckOrRaces(tasks ...func()) {
	done := make(chan struct{})
	for _, task := range tasks {
		go func() {
			for range 1000 {
				task()
			}
			done <- struct{}{}
		}()
	}
	<-done
}
