package doublelock

import "testing"

func TestPasses(t *testing.T) {
	l := &Link{}
	together(l.Reset, l.Drop)
}
