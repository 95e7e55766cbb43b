package doublelock

import "testing"

func TestHangsSync(t *testing.T) {
	c := &Client{endpoints: []string{"a"}}
	_ = c.SyncThroughTheHelper()
}

func TestHangsCountThroughTwoMakers(t *testing.T) {
	(&Client{endpoints: []string{"a"}}).CountThroughTwoMakers()
}
