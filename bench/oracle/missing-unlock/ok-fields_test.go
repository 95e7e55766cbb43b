package missingunlock

import "testing"

func TestPasses(t *testing.T) {
	tx := &txn{store: new(store), changes: []int{1}}
	tx.CommitChangesAnotherField()
	tx.CommitChangesAnotherField()
}
