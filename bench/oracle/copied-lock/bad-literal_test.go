package copiedlock

import "testing"

func TestRacesLiteralWithACopy(t *testing.T) {
	m := new(Meter)
	together(m.add, func() { LiteralWithACopy(m) })
}

func TestRacesListWithACopy(t *testing.T) {
	m := new(Meter)
	together(m.add, func() { ListWithACopy(m) })
}
