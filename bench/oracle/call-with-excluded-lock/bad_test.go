package bus

import "testing"

// asker asks the bus, as listeners do.
type asker struct{ bus *Bus }

func (a asker) Changed(string) {
	a.bus.mu.Lock()
	defer a.bus.mu.Unlock()
}

func TestHangsPublishUnderTheLock(t *testing.T) {
	b := &Bus{}
	b.listeners = []Listener{asker{b}}
	b.PublishUnderTheLock("a")
}

func TestHangsCloseUnderTheLock(t *testing.T) { (&Bus{done: make(chan struct{})}).CloseUnderTheLock() }

func TestPasses(t *testing.T) {
	b := &Bus{done: make(chan struct{})}
	b.listeners = []Listener{asker{b}}
	b.Publish("a")
	b.Close()
}
