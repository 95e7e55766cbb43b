package mixedatomic

import (
	"errors"
	"net"
	"testing"
)

func TestRacesWindow(t *testing.T) {
	s := &Stream{}
	together(func() { s.Grow(1) }, func() { s.WindowReadsPlainly() })
}

func TestRacesClosed(t *testing.T) {
	near, far := net.Pipe()
	s := Serve(near)
	together(func() { far.Write([]byte("x")) }, s.Close)
}

func TestRacesDropped(t *testing.T) {
	near, _ := net.Pipe()
	near.Close()
	s := Serve(near)
	together(func() { s.ResetWritesPlainly() })
}

func TestRacesAccepted(t *testing.T) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	go Accept(listener)
	together(func() {
		if conn, err := net.Dial("tcp", listener.Addr().String()); err == nil {
			conn.Close()
		}
		AcceptedReadsPlainly()
	})
}

func TestRacesLocal(t *testing.T) {
	for range 20 {
		Probe([]string{"a", "b", "c"}, func(string) error { return errors.New("refused") })
	}
}
