package unguardedfield

import (
	"net/http/httptest"
	"testing"
)

func TestPasses(t *testing.T) {
	a := NewAPI(2)
	handler := a.Middleware(a.Routes())
	use := func() {
		for _, path := range []string{"/join?id=a", "/peers", "/settings?name=b"} {
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
		}
		a.Len()
		a.Forget("a")
	}
	atOnce(use, use, use, use)
}
