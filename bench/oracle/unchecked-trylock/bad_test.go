package uncheckedtrylock

import "testing"

func TestRacesSweep(t *testing.T) {
	c := new(Cache)
	together(c.SweepDropsTheAnswer, func() { c.StaleIgnoresTheAnswer() })
}
