package doubleclose

import (
	"context"
	"testing"
	"time"
)

func TestPanicsGatherer(t *testing.T) {
	g := &Gatherer{}
	g.RestartReplacesTheChannel(context.Background())
	g.RestartReplacesTheChannel(context.Background())
	g.cancel()
	time.Sleep(100 * time.Millisecond)
}
