package lockordercycle

import (
	"sync"
	"testing"
)

func TestHangsRouter(t *testing.T) {
	r := &Router{routes: map[string]string{}, peers: map[string]int{}}
	untilStuck(func() { r.LearnTakesRoutesThenPeers("a", "b") }, func() { r.ForgetTakesPeersThenRoutes("a") })
}

func TestHangsChannel(t *testing.T) {
	c := &Channel{}
	s := &Stream{channel: c}
	c.streams = []*Stream{s}
	untilStuck(func() { c.PickAsksStream(0) }, s.FailTellsChannel)
}

func TestHangsRing(t *testing.T) {
	n := &Net{}
	untilStuck(n.DialThenPool, n.PoolThenTrack, n.TrackThenDial)
}

func TestHangsReaders(t *testing.T) {
	c := &Config{limits: map[string]int{}}
	m := &Meter{used: map[string]int{}, config: c}
	untilStuck(func() { m.AllowedReadsBoth("a") }, func() { c.SetLimitResetsMeter("a", 1, m) })
}

func TestHangsGoroutines(t *testing.T) {
	w := &Worker{}
	untilStuck(func() {
		var done sync.WaitGroup
		w.RunTwoGoroutines(&done)
		done.Wait()
	})
}

func TestHangsServer(t *testing.T) {
	server := &Server{sessions: map[string]*Session{}}
	session := &Session{server: server, id: "b"}
	server.sessions["a"] = session
	untilStuck(server.ShutdownClosesSessions, session.CloseForgetsOnTheWayOut)
}
