package nilcondlocker

import "testing"

func TestPanicsFirstWait(t *testing.T) {
	inbox := NewInboxWithoutALock()
	inbox.mu.Lock()
	inbox.ready.Wait()
}
