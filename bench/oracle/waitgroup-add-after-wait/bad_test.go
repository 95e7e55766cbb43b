package addafterwait

import (
	"net"
	"testing"
	"time"
)

// gate is a listener that hands out one connection when it is closed: the one that was on its way.
type gate struct {
	closed chan struct{}
	conns  chan net.Conn
}

func (g *gate) Accept() (net.Conn, error) {
	if conn, open := <-g.conns; open {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (g *gate) Close() error {
	conn, _ := net.Pipe()
	g.conns <- conn
	close(g.conns)
	return nil
}

func (g *gate) Addr() net.Addr { return nil }

func TestRacesServer(t *testing.T) {
	for range 2000 {
		handled := make(chan struct{})
		s := Serve(&gate{conns: make(chan net.Conn)}, func(net.Conn) {
			time.Sleep(time.Millisecond)
			close(handled)
		})
		s.Close()
		select {
		case <-handled:
		default:
			t.Fatal("closed while a connection was being handled")
		}
	}
}
