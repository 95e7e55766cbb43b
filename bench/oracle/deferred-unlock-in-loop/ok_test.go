package deferredunlockinloop

import "testing"

func TestPassesFlag(t *testing.T) {
	(&Shard{}).CountsAskWhetherItIsTheirs([]int{1, 2, 3})
}
