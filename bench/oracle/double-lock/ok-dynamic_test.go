package doublelock

import "testing"

func TestPasses(t *testing.T) {
	h := &Hub{peers: map[string]int{}, events: make(chan func(), 10000), order: []string{"b", "a"}}
	go h.Run()
	chain := NewChain()
	for range 3 {
		h.JoinAndDrop("a")
	}
	use := func() {
		h.JoinNotifiesAfterUnlock("a")
		h.QueueUnderTheLock("a")
		h.DropLaterByMethodValue("a").Stop()
		h.SortUnderTheLock()
		h.StartUnderTheLock()
		h.DropAll([]string{"a", "b"})
		h.CountAll([]string{"a", "b"})
		h.FindOrRetry("c", true)
		chain.put("a")
	}
	atOnce(use, use, use)
}
