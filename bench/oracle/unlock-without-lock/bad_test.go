package unlockwithoutlock

import (
	"strings"
	"testing"
)

func TestPanicsPush(t *testing.T) {
	q := &Queue{items: strings.Split(strings.Repeat("a,", 200), ",")}
	q.PushUnlocksBesideDefer("b")
}

func TestPanicsPop(t *testing.T)   { (&Queue{}).PopUnlocksInBranchAndAtTheEnd() }
func TestPanicsLen(t *testing.T)   { (&Queue{}).LenDefersWithoutLock() }
func TestPanicsDrop(t *testing.T)  { (&Peers{}).DropLocksOnOneBranchOnly("") }
func TestPanicsGet(t *testing.T)   { (&Peers{}).GetReleasesReadLockTwice("a") }
func TestPanicsDrain(t *testing.T) { (&Queue{}).DrainUnlocksAfterBreak() }
func TestPanicsCount(t *testing.T) { (&Duplex{}).CountReadUnlocksTheOther() }
