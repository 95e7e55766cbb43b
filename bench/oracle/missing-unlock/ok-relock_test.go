package missingunlock

import (
	"testing"
	"time"
)

func TestPassesConnect(t *testing.T) {
	d := &Dialer{stop: make(chan struct{}), tick: make(chan struct{})}
	d.Connect()
	d.ConnectLater()
	for range 10 {
		d.Connect()
		time.Sleep(time.Millisecond)
	}
}
