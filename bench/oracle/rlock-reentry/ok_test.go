package rlockreentry

import "testing"

func TestPasses(t *testing.T) {
	p, other := &Peers{byID: map[string]string{}}, &Peers{byID: map[string]string{}}
	tree := &Tree{children: []*Tree{{}, {}}}
	result := make(chan int, 1000)
	together(
		func() { p.Add("a", "1"); p.AddUnlessKnown("b", "2") },
		func() { p.StatusReadsDirectly(); p.StatusReleasesFirst() },
		func() { p.ReadsOneAfterTheOther("c"); p.PurgeNamesMissingPeer("c") },
		func() { p.LenLater(result); p.LenIfFree() },
		func() { p.Larger(other); other.Larger(p) },
		func() { tree.Grow(&Tree{}); tree.Total() },
	)
}
