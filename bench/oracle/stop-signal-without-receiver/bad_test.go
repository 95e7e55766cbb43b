package stopsignal

import (
	"net"
	"testing"
	"time"
)

func TestHangsStop(t *testing.T) {
	conn, peer := net.Pipe()
	h := Start(conn)
	peer.Close()
	time.Sleep(1500 * time.Millisecond)
	h.Stop()
}
