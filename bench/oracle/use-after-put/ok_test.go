package afterput

import (
	"bytes"
	"io"
	"testing"
)

func TestPasses(t *testing.T) {
	together(func() { Encode(io.Discard, "hello") }, func() { Handle(1, func(byte) {}) }, func() { Decode(bytes.NewReader(nil)) }, func() { Drain([]byte{1, 2}) })
}
