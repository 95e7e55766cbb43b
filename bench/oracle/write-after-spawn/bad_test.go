package writeafterspawn

import (
	"io"
	"log"
	"net"
	"testing"
	"time"
)

func TestRacesNode(t *testing.T) {
	for range 50 {
		conn, peer := net.Pipe()
		go io.Copy(io.Discard, peer)
		Join(conn, "a")
		time.Sleep(time.Millisecond)
		peer.Close()
	}
}

func TestRacesWatch(t *testing.T) {
	for range 200 {
		w := &Watch{Events: make(chan string, 1), logger: log.New(io.Discard, "", 0)}
		w.Events <- "a"
		w.Start(log.New(io.Discard, "", 0))
		close(w.Events)
	}
	time.Sleep(10 * time.Millisecond)
}
