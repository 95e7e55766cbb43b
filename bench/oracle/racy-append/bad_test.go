package racyappend

import (
	"net"
	"net/http/httptest"
	"testing"
	"time"
)

func TestRacesProbe(t *testing.T) {
	for range 20 {
		ProbeAppendsInGoroutines([]string{"a", "b", "c", "d"}, func(string) bool { return true })
	}
}

func TestRacesCollect(t *testing.T) {
	left, right := make(chan error, 9), make(chan error, 9)
	for range 9 {
		left <- nil
		right <- nil
	}
	CollectReadsBeforeJoin(left, right)
	time.Sleep(10 * time.Millisecond)
}

func TestRacesHandler(t *testing.T) {
	r := &Recorder{}
	request := func() { r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) }
	together(request, request)
}

func TestRacesAccept(t *testing.T) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	go (&Server{}).AcceptLoop(listener)
	for range 5 {
		net.Dial("tcp", listener.Addr().String())
	}
	time.Sleep(50 * time.Millisecond)
}
