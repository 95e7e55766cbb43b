package addafterwait

import (
	"net"
	"testing"
)

func TestPasses(t *testing.T) {
	dialled := func(start func(net.Listener, func(net.Conn)) func()) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		handled := make(chan struct{})
		closeAll := start(listener, func(net.Conn) { close(handled) })
		if _, err := net.Dial("tcp", listener.Addr().String()); err != nil {
			t.Fatal(err)
		}
		<-handled
		closeAll()
	}
	dialled(func(l net.Listener, handle func(net.Conn)) func() { s := Serve(l, handle); return func() { s.Close() } })
	dialled(func(l net.Listener, handle func(net.Conn)) func() { return ServeOrderly(l, handle).Close })
	dialled(func(l net.Listener, handle func(net.Conn)) func() {
		g := ServeGuarded(l, handle)
		return func() { g.Close(); l.Close() }
	})
	Rounds(3, func() {})
	requests := make(chan func() *raft)
	(&Host{}).Adopt(requests)
	node := &raft{}
	requests <- func() *raft { return node }
	requests <- func() *raft { return &raft{} }
	node.Stop()
}
