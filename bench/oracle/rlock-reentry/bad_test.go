package rlockreentry

import "testing"

func peers() *Peers { return &Peers{byID: map[string]string{}} }

func TestHangsStatus(t *testing.T) {
	p := peers()
	untilStuck(func() { p.StatusThroughGetter() }, func() { p.Add("a", "1") })
}

func TestHangsReadsTwice(t *testing.T) {
	p := peers()
	untilStuck(func() { p.ReadsTwiceInOneFunction("b") }, func() { p.Add("a", "1") })
}

func TestHangsPurge(t *testing.T) {
	p := peers()
	untilStuck(func() { p.PurgeNamesMissingPeer("b") }, func() { p.Add("a", "1") })
}

func TestHangsCountKnown(t *testing.T) {
	s := &Set{members: map[string]bool{}}
	untilStuck(func() { s.CountKnown([]string{"a", "b"}) }, func() { s.Join("a") })
}

func TestHangsAnyInLiteral(t *testing.T) {
	s := &Set{members: map[string]bool{}}
	untilStuck(func() { s.AnyInLiteral(nil) }, func() { s.Join("a") })
}
