package unguardedfield

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	p := NewPool(WithSize(2), WithTimeout(time.Millisecond))
	table := &Table{entries: map[string]*Entry{}}
	path := filepath.Join(t.TempDir(), "pool.json")
	os.WriteFile(path, []byte(`["a"]`), 0o600)
	use := func() { p.Put("a"); p.Get(); p.Resize(3); p.Snapshot(); Defaults().Put("a") }
	turn := func() { table.Insert("a", nil); table.Raise("a"); table.Lower("a"); table.Score("a") }
	together(use, use, turn, turn, func() { Run("a").Result() }, func() { LoadPool(path) })
	Exchange([]string{"a", "b", "c"})
	time.Sleep(50 * time.Millisecond)
}
