package lockordercycle

import "testing"

func TestPasses(t *testing.T) {
	pool := &Pool{}
	state := &State{pool: pool}
	together(func() { state.Handle("a") }, func() { pool.Report("b") })
}
