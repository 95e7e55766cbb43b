package doublelock

import "testing"

func TestHangsStats(t *testing.T) { (&Registry{}).StatsAcrossFiles() }
