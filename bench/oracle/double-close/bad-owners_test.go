package doubleclose

import (
	"errors"
	"testing"
	"time"
)

func TestPanicsAck(t *testing.T) {
	r := &Transport{drain: make(chan struct{})}
	r.HandleAckClosesEachTime(make([]byte, 8))
	r.HandleAckClosesEachTime(make([]byte, 8))
}

func TestPanicsSend(t *testing.T) {
	answer := make(chan string, 1)
	answer <- "yes"
	SendFinishesTwice(answer, time.Millisecond)
	time.Sleep(100 * time.Millisecond)
}

func TestPanicsWatch(t *testing.T) {
	WatchClosesOnErrorAndOnExit(func() error { return errors.New("gone") })
	time.Sleep(100 * time.Millisecond)
}

func TestPanicsSession(t *testing.T) {
	for range 200000 {
		s := &Session{quit: make(chan struct{})}
		atOnce(s.CloseAsksGetterFirst, s.CloseAsksGetterFirst)
	}
}
