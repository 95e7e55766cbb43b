package unguardedfield

import "testing"

func TestRacesClone(t *testing.T) {
	shared := &Record{Issuer: &Issuer{usage: usage{counts: make([]uint32, 4)}}}
	together(func() { shared.Issuer.Count(0) }, func() { shared.Clone() })
}
