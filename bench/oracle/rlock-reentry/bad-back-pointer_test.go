package rlockreentry

import "testing"

func TestHangsAcknowledge(t *testing.T) {
	topic := &Topic{readers: map[string]*Reader{}}
	topic.Subscribe("a")
	acknowledge := func() { topic.AcknowledgeAllUnderTheReadLock(func(string, string) {}) }
	subscribe := func() { topic.Subscribe("a") }
	untilStuck(acknowledge, acknowledge, subscribe)
}
