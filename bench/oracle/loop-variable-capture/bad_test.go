package loopvar

import (
	"net"
	"testing"
	"time"
)

func TestRacesRange(t *testing.T) {
	for range 20 {
		DialSharesRangeVariable([]string{"a", "b", "c", "d"}, func(string) {})
	}
}

func TestRacesCounter(t *testing.T) {
	for range 20 {
		FillSharesCounter(make([]int, 8), func(n int) int { return n })
	}
}

func TestRacesConn(t *testing.T) {
	accepted := make(chan net.Conn)
	go func() {
		for range 50 {
			near, _ := net.Pipe()
			accepted <- near
		}
		close(accepted)
	}()
	ServeSharesConn(accepted)
	time.Sleep(10 * time.Millisecond)
}
