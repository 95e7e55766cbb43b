package rlockreentry

import "testing"

func TestHangsAwaitReadsThroughGet(t *testing.T) {
	s := NewSettings()
	s.Set("a", "1")
	untilStuck(func() { s.AwaitReadsThroughGet("a") }, func() { s.Set("a", "1") })
}

func TestHangsPromotedAndAgain(t *testing.T) {
	table := NewTable()
	untilStuck(func() { table.PromotedAndAgain() }, func() { table.Add("a") })
}

func TestHangsByAVariable(t *testing.T) {
	untilStuck(func() { ByAVariable(nil, nil) })
}
