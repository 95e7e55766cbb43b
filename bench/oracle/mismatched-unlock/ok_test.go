package mismatchedunlock

import "testing"

func TestPasses(t *testing.T) {
	p, pair := &Peers{byID: map[string]string{}}, &Pair{}
	use := func() {
		p.AddReleasesAsWriter("a", "1")
		p.GetReleasesAsReader("a")
		p.LenDefersTheReader()
		p.RemoveIsRightOnEachPath("a")
		p.AddUnlessKnown("b", "2")
		p.GetInEitherMode("b", true)
		p.GetInEitherMode("b", false)
		p.GetWithUnlockVariable("b", true)
		p.GetWithUnlockVariable("b", false)
		p.LenThroughReadLocker()
		pair.CopyLeftToRight()
		pair.Rename("a")
	}
	together(use, use)
}
