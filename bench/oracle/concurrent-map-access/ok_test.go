package concurrentmapaccess

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	peers := []string{"a", "b", "c"}
	ping := func(string) time.Duration { return 0 }
	never := func(net.Conn) bool { return false }
	name := func(name string) string { return name }
	ProbeWritesUnderLock(peers, ping)
	ProbeSendsResults(peers, ping)
	ProbeIntoSyncMap(peers, ping)
	ProbeIntoSlots(peers, ping)
	SweepCollectsFirst(map[string]net.Conn{"a": nil, "b": nil}, never)
	SweepAloneDeletesWhileRanging(map[string]net.Conn{"a": nil, "b": nil}, never)
	LoadWaits(peers, name)
	LookUpInFilledMap(peers, name, func(string) {})
	mux := http.NewServeMux()
	CountRequestsUnderLock(mux)
	ServePorts(mux, func(int) {})
	request := func() {
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/a", nil))
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/dial?topic=blocks", nil))
	}
	together(request, request)
	near, far := net.Pipe()
	m := NewMux(near, []byte{1, 2})
	m.packets <- []byte{1, 0}
	far.Write([]byte{1})
	d := NewDirectory()
	r := &Routes{next: map[string]string{}}
	together(
		func() { d.Put("a", "1"); r.Learn("a", "b") },
		func() {
			d.Get("a")
			for range r.Current() {
			}
		},
	)
	TallyUnderOneLock(peers, peers)
	time.Sleep(50 * time.Millisecond)
	far.Close()
}
