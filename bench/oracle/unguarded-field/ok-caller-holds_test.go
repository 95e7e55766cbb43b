package unguardedfield

import "testing"

func TestPasses(t *testing.T) {
	n := &Node{Network: &Network{PeerSet: PeerSet{peers: map[string]int{}}}}
	l := &Ledger{debts: map[string]int{}}
	q, s := &Queue{}, &Session{}
	m := &Meter{byPeer: map[string]*counters{}}
	tasks := []func(){
		func() {
			n.Join("a")
			n.Replace("a", "b")
			n.Len()
			n.Outbound()
			n.Welcome("c")
			n.Dismiss("c")
		},
		func() { l.Charge("a", 2); l.Refund("a", 3); l.Total() },
		func() { q.Push("a"); q.Len(); q.Drop() },
		func() { q.Mu.Lock(); q.PushLocked("b"); q.TakeAll(); q.Mu.Unlock() },
		func() { s.Open(); s.Close(); s.Turns() },
		func() { m.Count("a", 1, 2); m.Totals(); m.Reset() },
	}
	together(append(tasks, tasks...)...)
}
