package waitgroupmissingdone

import (
	"net"
	"testing"
	"time"
)

func TestHangsProbeAll(t *testing.T) { ProbeAll([]string{"127.0.0.1:1"}) }

func TestHangsStop(t *testing.T) {
	s := &Server{}
	s.Connect("127.0.0.1:1")
	s.Stop()
}

func TestHangsStopAfterGreeting(t *testing.T) {
	s := &Server{}
	conn, peer := net.Pipe()
	peer.Close()
	s.peers.Add(1)
	go s.greet(conn)
	time.Sleep(10 * time.Millisecond)
	s.Stop()
}

func TestHangsAskAll(t *testing.T) {
	AskAllWithoutDone([]string{"a"}, func(string) {})
}
