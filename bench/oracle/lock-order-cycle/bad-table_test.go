package lockordercycle

import (
	"net"
	"testing"
)

// The loop is told to reset the streams while somebody closes the session.
func TestHangsClose(t *testing.T) {
	here, _ := net.Pipe()
	s := &Session{conn: here, ended: make(chan struct{}), streams: map[byte]*substream{}}
	for id := range byte(200) {
		s.onWindow(id)
	}
	untilStuck(s.Close, func() {
		for id := range byte(200) {
			s.onWindow(id)
			frames[2](s, id)
		}
	})
}
