package doublelock

import "testing"

func TestHangsPut(t *testing.T) {
	b := &Batch{writes: map[string][]byte{}}
	b.Lock()
	b.UnsafePut("a", nil)
	b.Unlock()
}
