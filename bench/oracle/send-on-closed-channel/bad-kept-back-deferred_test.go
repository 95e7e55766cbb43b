package sendonclosedchannel

import (
	"testing"
	"time"
)

func TestPanicsAcceptOne(t *testing.T) {
	late := make(chan struct{})
	if err := AcceptOne(func() error { <-late; return nil }); err == nil {
		t.Fatal("nobody was to come in time")
	}
	close(late)
	time.Sleep(100 * time.Millisecond)
}
