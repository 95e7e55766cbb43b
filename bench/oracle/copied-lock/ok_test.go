package copiedlock

import "testing"

func TestPasses(t *testing.T) {
	p := NewPeer(1)
	peers := MakePeers(2)
	n := &Node{self: p, lock: &p.mu, name: "n"}
	g := &Gate{}
	use := func() {
		p.ScoreOnPointerReceiver()
		RaiseParameterByPointer(p)
		p.Snapshot()
		SumRangesByIndex(peers)
		SumRangesOverPointers([]*Peer{p})
		KeysOnly(map[string]Peer{"a": {}})
		Count([4]*Peer{}, &[4]Peer{})
		Discard(p)
		n.Name()
		Clone(n)
		OpenShared(g, func() {})
		CopyFileLock(&FileLock{})
		SwapPointers(p, p)
		InLiteralByPointer([]*Peer{p})
	}
	together(use, use)
	Replace(NewPeer(2))
	_ = len([]any{Zero})
}
