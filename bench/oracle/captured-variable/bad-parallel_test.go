package parallel

import "testing"

func TestRacesCheckReachable(t *testing.T) {
	CheckReachable(t, []string{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4"})
}

func TestRacesCheckBoth(t *testing.T) { CheckBoth(t, "127.0.0.1:1", "127.0.0.1:2") }
