package loopvar

import "testing"

func TestPasses(t *testing.T) {
	Dial([]string{"a", "b", "c"}, func(string) {})
}
