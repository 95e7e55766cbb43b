package hub

import "testing"

func TestHangsLeave(t *testing.T) {
	hub := &Hub{clients: map[string]*Client{}}
	client := &Client{hub: hub}
	untilStuck(client.LeaveLocksHubLast, func() { client.Rename("a") })
}

func TestHangsFlush(t *testing.T) {
	hub := &Hub{}
	client := &Client{hub: hub}
	untilStuck(client.Flush, func() {
		hub.reloadMu.Lock()
		client.out.mu.Lock()
		client.out.mu.Unlock()
		hub.reloadMu.Unlock()
	})
}
