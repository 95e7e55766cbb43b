package writeafterspawn

import (
	"io"
	"log"
	"net"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	conn, peer := net.Pipe()
	go io.Copy(io.Discard, peer)
	Join(conn, "a")
	for range 100 {
		w := &Watch{Events: make(chan string, 1), logger: log.New(io.Discard, "", 0)}
		w.Events <- "a"
		w.Start(log.New(io.Discard, "", 0))
		close(w.Events)
		Open(3, func(int) {})
	}
	time.Sleep(10 * time.Millisecond)
}
