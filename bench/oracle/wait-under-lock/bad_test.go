package waitunderlock

import "testing"

func TestHangsStop(t *testing.T) {
	p := NewPool()
	p.Start(2)
	p.StopWaitsForWorkersUnderTheLock()
}

func TestHangsRestart(t *testing.T) {
	p := NewPool()
	p.Start(2)
	close(p.jobs)
	p.mu.Lock()
	go func() { p.mu.Unlock() }()
	untilStuck(p.RestartWaitsInAHelper, p.RestartWaitsInAHelper)
}

// Sooner or later the receiver still counts when Close has the lock.
func TestHangsSession(t *testing.T) {
	session := func() {
		s := Open()
		s.incoming <- []byte("a")
		s.CloseWaitsForTheReceiver()
	}
	untilStuck(session, session)
}

func TestHangsProbe(t *testing.T) {
	ProbeHoldsTheLockOfItsProbes([]string{"a", "b"}, func(string) error { return nil })
}
