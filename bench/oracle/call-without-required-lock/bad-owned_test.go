package callwithoutrequiredlock

import "testing"

func TestRacesLearnsAfterHandingOver(t *testing.T) {
	table := &Table{peers: map[string]*peer{}}
	together(func() { table.LearnsAfterHandingOver("a", "b") }, func() {
		table.mu.Lock()
		known := table.peers["a"]
		table.mu.Unlock()
		if known != nil {
			known.Learn("c")
		}
	})
}

func TestRacesLearnsOfWhatItFound(t *testing.T) {
	known := &peer{urls: map[string]bool{}}
	table := &Table{peers: map[string]*peer{"a": known}}
	together(func() { table.LearnsOfWhatItFound("a", "b") }, func() { known.Learn("c") })
}
