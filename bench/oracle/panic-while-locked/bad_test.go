package panicwhilelocked

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestHangsSpend(t *testing.T) {
	l := &Ledger{credits: map[string]int{}}
	for range 2 {
		l.Handle("a")
	}
}

func TestHangsServe(t *testing.T) {
	server := httptest.NewServer(&Ledger{credits: map[string]int{}})
	for range 2 {
		http.Get(server.URL)
	}
}
