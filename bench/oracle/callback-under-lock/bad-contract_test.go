package callbackunderlock

import (
	"errors"
	"testing"
)

func TestHangsClear(t *testing.T) {
	c := &Cache{entries: map[string]*entry{}}
	c.Add("a", "1", func() { c.Add("b", "2", nil) })
	c.Clear()
}

func TestHangsServe(t *testing.T) {
	failures := make(chan error, 1)
	failures <- errors.New("refused")
	Serve(func(s *session, _ error) { s.Stop() }, failures)
}
