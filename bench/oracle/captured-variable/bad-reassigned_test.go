package capturedvariable

import (
	"net"
	"testing"
	"time"
)

func TestRacesDial(t *testing.T) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	stop := make(chan struct{})
	close(stop)
	for range 20 {
		DialRetriesUnderWatcher([]string{listener.Addr().String()}, stop)
	}
	time.Sleep(50 * time.Millisecond)
}

func TestRacesPipe(t *testing.T) {
	left, right := net.Pipe()
	left.Close()
	PipeBothWaysSharesErr(left, right)
}

func TestRacesServe(t *testing.T) {
	near, _ := net.Pipe()
	ServeReplacesParameter(near, func(conn net.Conn) net.Conn { return conn })
	time.Sleep(50 * time.Millisecond)
}

func TestRacesProgress(t *testing.T) {
	job := func() error { return nil }
	ProgressIntoStruct([]func() error{job, job})
}

func TestRacesLiteral(t *testing.T) {
	RunLiteralFromVariable([]string{"a", "b"}, func(string) {})
}
