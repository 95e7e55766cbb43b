package callbackunderlock

import "testing"

func TestHangsReportTellsTheWatchersUnderTheLock(t *testing.T) {
	m := New(nil)
	m.Watch(func(name string, _ bool) { m.Up(name) })
	m.ReportTellsTheWatchersUnderTheLock("a", true)
}

func TestHangsForgetCallsTheHookUnderTheLock(t *testing.T) {
	var m *Monitor
	m = New(func() { m.Up("a") })
	m.ForgetCallsTheHookUnderTheLock("a")
}
