package missingunlock

import "testing"

func TestHangsCountReturnsFromTheLoop(t *testing.T) {
	d := &Downloads{folders: map[string]int{"a": 1}}
	d.CountReturnsFromTheLoop("a")
	d.mtx.Lock()
}

func TestHangsStopForgetsToUnlock(t *testing.T) {
	s := new(Stream)
	s.StopForgetsToUnlockBehindAnEmbeddedLock(nil)
	s.err = errStopped{}
	s.StopForgetsToUnlockBehindAnEmbeddedLock(nil)
	s.StopForgetsToUnlockBehindAnEmbeddedLock(nil)
}

type errStopped struct{}

func (errStopped) Error() string { return "stopped" }
