package capturedvariable

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

const local = "127.0.0.1:1"

func TestPasses(t *testing.T) {
	near, far := net.Pipe()
	go io.Copy(far, far)
	peers := []string{"a", "b", "c"}
	DialAllCountsAtomically([]string{local, local}, 8)
	DialAllCountsBeforeTheGo([]string{local, local}, 8)
	HandshakeShadowsErr(near, []byte("hello"))
	ResolveWaitsOnChannel("localhost")
	ResolveSendsResult("localhost")
	ProbePassesArgument(peers, func(string) {})
	ProbeUsesPerTurnVariable(peers, func(string) {})
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	ServeSetsBeforeSpawn(listener)
	net.Dial("tcp", listener.Addr().String())
	RetryHandsTimerOver(func() bool { return true })
	ask := func() string { return "yes" }
	FirstAnswerTakesItFromTheChannel(ask)
	AllAnswersWaitsForBoth(ask)
	jobs := []func(){func() {}, func() {}}
	CountLocksOnBothSides(jobs)
	CountWaits(jobs)
	mux := http.NewServeMux()
	HandlerCountsAtomically(mux)
	request := func() { mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/status", nil)) }
	together(request, request)
	far.Close()
	WaitOnChannel(near)
	yes := func(string) bool { return true }
	GatherWritesDistinctElements(peers, yes)
	GatherAppendsUnderLock(peers, yes)
	LengthReadAfterWait(func() int { return 1 })
	ReadOnlyCapture(peers, 0, func(string) {})
	LockstepOverUnbufferedChannel(peers)
	calls := 0
	accept := func(next int) (int, error) {
		calls++
		if calls%2 == 0 {
			return 0, net.ErrClosed
		}
		return next, nil
	}
	NumberStaysOnceClosing(accept, func() bool { return calls < 9 }, func(int) {}, func(int) {})
	SortInPlace(nil, func(less func(a, b string) bool) { less("a", "b") })
	time.Sleep(50 * time.Millisecond)
}
