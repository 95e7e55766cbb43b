package table

import (
	"os"
	"sync"
	"testing"
)

func TestRacesRetrieve(t *testing.T) {
	index, err := os.CreateTemp(t.TempDir(), "index")
	if err != nil {
		t.Fatal(err)
	}
	table := &Table{index: index, stop: make(chan struct{})}
	var once sync.Once
	together(func() { table.Retrieve(0) }, func() { once.Do(func() { table.Close() }) })
}

func TestRacesAdjust(t *testing.T) {
	table := &Table{}
	adjust := func() {
		for n := range 1000 {
			table.Adjust(n)
		}
	}
	together(adjust, func() {
		for range 1000 {
			table.Read(1)
		}
	})
}
