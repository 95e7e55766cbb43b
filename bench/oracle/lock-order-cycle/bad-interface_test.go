package lockordercycle

import "testing"

func TestHangsFlush(t *testing.T) {
	st := &Stats{}
	Open(st, true)
	Open(st, false)
	disk := st.sinks[0].(*diskSink)
	untilStuck(st.FlushUnderTheStats, func() { disk.WriteCountsUnderTheSink(1) })
}
