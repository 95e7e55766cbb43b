package unsynchronizedcounter

import (
	"net"
	"net/http/httptest"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	server := &Server{listener: listener}
	go server.AcceptLoop()
	for range 5 {
		conn, _ := net.Dial("tcp", listener.Addr().String())
		conn.Write([]byte("hello"))
		conn.Close()
	}
	s := &Stats{}
	request := func() { s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) }
	together(request, request, func() { server.Report() })
	m := NewMeter(func(int) {})
	m.packets <- nil
	p := &Parser{}
	p.Feed("line")
	p.Lines()
	job := func() {}
	CountInTallies([][]func(){{job, job}, {job}})
	(&Round{}).Play([]func(){job, job})
	listener.Close()
	time.Sleep(50 * time.Millisecond)
}
