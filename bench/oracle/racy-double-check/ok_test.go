package doublecheck

import (
	"net"
	"testing"
)

func TestPasses(t *testing.T) {
	d, s := &Dialer{}, &Server{}
	p := &Pool{dial: func() net.Conn { return &net.TCPConn{} }}
	together(func() { d.Config() }, func() { d.Config() }, func() { p.Conn() }, func() { p.Conn() }, s.Close, s.Close, func() { Port("http") }, func() { Port("http") })
}
