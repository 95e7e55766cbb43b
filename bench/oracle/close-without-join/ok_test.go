package closewithoutjoin

import (
	"io"
	"net"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	for range 2000 {
		conn, peer := net.Pipe()
		go io.Copy(io.Discard, peer)
		c := Dial(conn)
		go c.Send([]byte("a"))
		c.Close()
		c.Close()
		careful := &Careful{conn: conn, frames: make(chan []byte), done: make(chan struct{})}
		careful.Start()
		go func() { careful.frames <- []byte("a") }()
		careful.Close()
	}
	time.Sleep(100 * time.Millisecond)
}
