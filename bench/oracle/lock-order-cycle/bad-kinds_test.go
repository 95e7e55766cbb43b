package lockordercycle

import "testing"

// Only a leaf that is a peer as well would wait for itself; those of a kind pass.
func TestHangsPeers(t *testing.T) {
	table := &Table{}
	peer := &Link{table: table}
	table.peers = []*Link{peer}
	untilStuck(peer.CollectFromPeersUnderTheLeaf, func() { table.SumOfPeers() })
}
