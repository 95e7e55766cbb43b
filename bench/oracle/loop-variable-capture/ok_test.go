package loopvar

import (
	"net"
	"testing"
)

func TestPasses(t *testing.T) {
	Dial([]string{"a", "b", "c", "d"}, func(string) {})
	Fill(make([]int, 8), func(n int) int { return n })
	accepted := make(chan net.Conn)
	go func() {
		for range 50 {
			near, _ := net.Pipe()
			accepted <- near
		}
		close(accepted)
	}()
	Serve(accepted)
}
