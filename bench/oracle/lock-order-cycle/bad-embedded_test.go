package lockordercycle

import "testing"

func TestHangsStreams(t *testing.T) {
	m := &manager{}
	s := &stream{quota: &quota{}, manager: m}
	m.streams = []*stream{s}
	untilStuck(m.ChargeManagerThenStream, s.CloseStreamThenManager)
}
