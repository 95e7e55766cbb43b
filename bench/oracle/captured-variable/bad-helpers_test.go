package session

import (
	"testing"
	"time"
)

func TestRacesServe(t *testing.T) {
	requests, ended := make(chan Request, 1), make(chan struct{})
	requests <- Request{"hall", "one"}
	close(requests)
	close(ended)
	Serve(requests, func(string, string) {}, ended)
	time.Sleep(50 * time.Millisecond)
}
