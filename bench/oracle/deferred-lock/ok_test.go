package deferredlock

import "testing"

func TestPasses(t *testing.T) {
	p := &Peers{byID: map[string]string{}}
	use := func() {
		p.AddDefersUnlock("a", "1")
		p.LenDefersReadUnlock()
		p.Reconnect("a", func(string) error { return nil })
		p.ResetDefersBothInOrder()
	}
	together(use, use)
	p.AddDefersUnlock("a", "1")
	p.EachUnlocked(func(string) {})
}
