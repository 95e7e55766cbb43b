package missingunlock

import (
	"errors"
	"testing"
)

func TestHangsResend(t *testing.T) { (&Pipeline{}).ResendContinuesLocked([]string{"", "a"}) }

func TestHangsDrain(t *testing.T) {
	p := &Pipeline{}
	p.DrainBreaksOutOfTwoLoops([][]string{{"a", "stop"}})
	p.mu.Lock()
}

func TestHangsSend(t *testing.T) {
	p := &Pipeline{}
	p.SendGivesUpLocked(func(string) error { return errors.New("down") })
	p.mu.Lock()
}

func TestHangsFlush(t *testing.T) {
	p := &Pipeline{}
	p.FlushJumpsOverUnlock(0)
	p.mu.Lock()
}

func TestHangsEach(t *testing.T) { (&Pipeline{}).EachReturnsFromLiteral([]string{"", "a"}) }
