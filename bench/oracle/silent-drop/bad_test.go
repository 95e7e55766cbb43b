package silentdrop

import "testing"

func TestFailsNotify(t *testing.T) {
	w := &Watcher{changes: make(chan Change, 1)}
	w.Notify(Change{Peer: "a", Up: true})
	w.Notify(Change{Peer: "a", Up: false})
	last := Change{}
	for len(w.changes) > 0 {
		last = <-w.changes
	}
	if last.Up {
		t.Fatal("the listener still takes the peer for up")
	}
}
