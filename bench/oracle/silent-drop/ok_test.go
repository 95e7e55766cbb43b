package silentdrop

import "testing"

func TestPasses(t *testing.T) {
	w := &Watcher{changes: make(chan Change, 1), wake: make(chan struct{}, 1)}
	w.Notify(Change{Peer: "a", Up: true})
	w.Notify(Change{Peer: "a", Up: false})
	w.Wake()
	w.Wake()
	if w.lost.Load() != 1 || len(w.wake) != 1 {
		t.Fatal("not counted")
	}
}
