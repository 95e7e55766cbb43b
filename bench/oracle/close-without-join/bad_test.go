package closewithoutjoin

import (
	"io"
	"net"
	"testing"
	"time"
)

func TestPanicsClose(t *testing.T) {
	for range 5000 {
		conn, peer := net.Pipe()
		go io.Copy(io.Discard, peer)
		c := Dial(conn)
		go c.Send([]byte("a"))
		c.Close()
	}
	time.Sleep(100 * time.Millisecond)
}
