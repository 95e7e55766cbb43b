package cache

import "testing"

func TestRacesOpenSnapshot(t *testing.T) {
	c := &Cache{items: map[string]string{}}
	together(func() { c.OpenSnapshot(3) }, func() { c.Put("a", "1"); c.Drop("a"); c.Size() })
}
