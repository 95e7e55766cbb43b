package missingunlock

import (
	"io"
	"net"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	near, far := net.Pipe()
	go io.Copy(far, far)
	s := &Session{wire: near}
	l := &Table{peers: map[string]string{"a": "1"}}
	h := &Hub{sessions: []*Session{s}}
	work := make(chan *Session)
	go h.Serve(work)
	together(
		func() { s.SendUnlocksBeforeEarlyReturn(nil); s.FlushInGoroutine() },
		func() { s.HandshakeDefers([]byte("ping")) },
		func() { l.LookupUnlocksFirst("b"); l.FindBreaksOut("1") },
		func() { l.ApplyInEachCase("add", "b", "2"); l.ApplyInEachCase("ignore", "b", "2") },
		func() { l.AddWhenAsked("c", "3", true); l.SameConditionTwice("c", true) },
		func() { l.FlagRemembersLock([]string{"", "c"}); l.BranchesExcludeEachOther("c", "") },
		func() { l.BranchesExcludeEachOther("c", "d"); l.MustHave("a"); l.MustNotBeEmpty() },
		func() { h.TakeFromEmbeddedMutex(); h.DrainUnlocksBeforeBreak(nil) },
		func() { h.PingOutsideTheLock(); h.RetryWithGoto(3); h.ScanContinues([]int{1, 2}) },
		func() { h.UnlocksInLiteral(); h.RecoversAndUnlocks(func() { panic("work") }) },
		func() { h.GiveUpOnTry(); h.TryInCondition() },
	)
	h.DrainUnlocksBeforeBreak(nil)
	work <- s
	l.ReplaceDefersAtOnce(nil)
	l.MustLoad("/dev/null")
	s.ReapFromTimer(time.Hour).Stop()
	s.mu.Lock()
	l.mu.Lock()
	h.Lock()
}
