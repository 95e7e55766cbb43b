package doubleclose

import (
	"context"
	"testing"
)

func TestPasses(t *testing.T) {
	g, p := &Gatherer{}, &Patient{}
	for range 100 {
		g.RestartHandsTheChannelOver(context.Background())
		p.RestartWaits(context.Background())
	}
	g.cancel()
	p.cancel()
	<-g.done
	<-p.done
}
