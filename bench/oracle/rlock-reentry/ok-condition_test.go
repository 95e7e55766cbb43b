package rlockreentry

import "testing"

func TestPasses(t *testing.T) {
	s := NewSettings()
	together(
		func() { s.Set("a", "1") },
		func() { s.Await("a") },
		func() { s.Await("a") },
		TwoReadersAndAWriter,
	)
}
