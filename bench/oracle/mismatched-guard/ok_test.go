package mismatched

import "testing"

func TestPasses(t *testing.T) {
	p := &Peer{}
	together(func() { p.HandleAck(1) }, func() { p.Window() }, p.Touch, p.Reset, func() { p.IdleForSender() }, func() { p.IdleForReceiver() })
}
