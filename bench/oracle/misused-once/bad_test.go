package misusedonce

import "testing"

func TestPanicsWarmUpRunsNothing(t *testing.T) { new(Client).WarmUpRunsNothing() }

func TestRacesReconnectRenewsTheOnce(t *testing.T) {
	c := new(Client)
	together(c.Call, c.ReconnectRenewsTheOnce)
}

func TestFailsCloseDropsTheFunction(t *testing.T) {
	released := false
	new(Client).CloseDropsTheFunction(func() { released = true })
	if !released {
		t.Error("never released")
	}
}
