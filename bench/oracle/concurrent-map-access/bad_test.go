package concurrentmapaccess

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func wait() { time.Sleep(100 * time.Millisecond) }

func TestRacesProbe(t *testing.T) {
	ProbeWritesFromEachGoroutine([]string{"a", "b", "c"}, func(string) time.Duration { return 0 })
}

func TestRacesSweep(t *testing.T) {
	SweepDeletesWhileRanging(map[string]net.Conn{"a": nil, "b": nil, "c": nil}, func(net.Conn) bool { return false })
	wait()
}

func TestRacesLoad(t *testing.T) {
	LoadReadsWhileFilling([]string{"bootstrap"}, func(name string) string { return name })
}

func TestRacesHandler(t *testing.T) {
	mux := http.NewServeMux()
	CountRequestsInHandler(mux)
	request := func() { mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/a", nil)) }
	together(request, request)
}

func TestRacesGlobal(t *testing.T) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	go AcceptWritesGlobalMap(listener)
	for range 5 {
		net.Dial("tcp", listener.Addr().String())
	}
	wait()
}

func TestRacesMux(t *testing.T) {
	near, far := net.Pipe()
	m := NewMux(near)
	m.packets <- []byte{9, 0}
	far.Write([]byte{1, 2, 3})
	m.packets <- []byte{1, 0}
	wait()
	far.Close()
}

func TestRacesTally(t *testing.T) {
	TallyUnderDifferentLocks([]string{"a", "b"}, []string{"a", "b"})
}

func TestRacesMerge(t *testing.T) {
	MergeRangesWithoutTheLock([]map[string]int{{"a": 1}, {"b": 2}, {"c": 3}})
	wait()
}
