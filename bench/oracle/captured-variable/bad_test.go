package capturedvariable

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// local is an address where nobody listens.
const local = "127.0.0.1:1"

func wait() { time.Sleep(50 * time.Millisecond) }

func TestRacesDialAll(t *testing.T) {
	DialAllCountsInGoroutines([]string{local, local, local, local, local}, 10)
	wait()
}

func TestRacesHandshake(t *testing.T) {
	near, far := net.Pipe()
	go func() {
		far.Read(make([]byte, 16))
		far.Write([]byte("hello"))
		far.Read(make([]byte, 16))
	}()
	HandshakeSharesErr(near, []byte("hello"))
	wait()
}

func TestRacesResolve(t *testing.T) {
	ResolveReturnsTooSoon("localhost")
	wait()
}

func TestPanicsOpen(t *testing.T) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	OpenOverwritesNamedResult(listener.Addr().String(), func(net.Conn) error { return errors.New("rude") })
	time.Sleep(1200 * time.Millisecond)
}

func TestRacesProbe(t *testing.T) {
	var targets []string
	for i := range 50 {
		targets = append(targets, strconv.Itoa(i))
	}
	ProbeReusesVariableAcrossTurns(targets, func(string) {})
	wait()
}

func TestRacesServe(t *testing.T) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	ServeSetsAfterSpawn(listener)
	net.Dial("tcp", listener.Addr().String())
	wait()
}

func TestRacesRetry(t *testing.T) {
	for range 100 {
		RetryUsesTimerWhileAssigned(func() bool { return false })
	}
	wait()
}

func TestRacesFirstAnswer(t *testing.T) {
	FirstAnswerWaitsForOne(func() string { return "yes" })
	wait()
}

func TestRacesCount(t *testing.T) {
	CountLocksOnlyInside([]func(){func() {}, func() {}})
	wait()
}

func TestRacesHandler(t *testing.T) {
	mux := http.NewServeMux()
	HandlerCountsInOuterVariable(mux)
	request := func() { mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/status", nil)) }
	together(request, request)
}

func TestRacesWait(t *testing.T) {
	near, far := net.Pipe()
	far.Close()
	WaitPollsFlag(near)
}

func TestRacesGather(t *testing.T) {
	GatherAppendsInGoroutines([]string{"a", "b", "c"}, func(string) bool { return true })
}

func TestRacesLength(t *testing.T) {
	LengthReadBeforeWait(func() int { return 1 })
}

func TestRacesNumber(t *testing.T) {
	calls := 0
	accept := func(next int) (int, error) {
		calls++
		if calls == 1 {
			return 0, net.ErrClosed
		}
		return next, nil
	}
	NumberMovesWhenClosingIsTakenBack(accept, func() bool { return calls == 1 }, func(int) {}, func(int) {})
}
