package doublelock

import "testing"

func TestPasses(t *testing.T) {
	c := &Client{endpoints: []string{"a"}}
	_ = c.SyncFirstAndLockAfterwards()
	c.SyncThroughAnotherImplementation()
	c.SyncThroughTheSpare(&Client{endpoints: []string{"b"}})
	c.SyncCountsWithItsOwnLock(&counting{})
	c.SyncRedirected()
	c.SyncReplaced()
}
