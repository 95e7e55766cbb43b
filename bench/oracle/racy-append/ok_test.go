package racyappend

import (
	"net/http/httptest"
	"testing"
)

func TestPasses(t *testing.T) {
	addresses := []string{"a", "b", "c", "d"}
	probe := func(string) bool { return true }
	ProbeByIndex(addresses, probe)
	ProbeUnderLock(addresses, probe)
	ProbeOverChannel(addresses, probe)
	r := &Recorder{}
	request := func() { r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) }
	together(request, request)
}
