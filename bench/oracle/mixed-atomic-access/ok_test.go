package mixedatomic

import (
	"errors"
	"net"
	"testing"
)

func TestPasses(t *testing.T) {
	near, far := net.Pipe()
	s := Serve(near)
	go far.Write([]byte("x"))
	together(func() { s.Take(1) }, func() { s.Window() }, s.Close, func() { s.Reset() }, s.Saw, func() { s.Seen() }, func() { s.SeenLocked() })
	Probe([]string{"a", "b", "c"}, func(string) error { return errors.New("refused") })
}
