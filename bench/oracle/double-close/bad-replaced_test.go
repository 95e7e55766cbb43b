package doubleclose

import (
	"context"
	"testing"
	"time"
)

func TestPanicsGatherer(t *testing.T) {
	for range 200 {
		g := &Gatherer{}
		g.RestartReplacesTheChannel(context.Background())
		g.RestartReplacesTheChannel(context.Background())
		g.cancel()
		time.Sleep(time.Millisecond)
	}
}
