package doublelock

import "testing"

func registry() *Registry {
	return &Registry{peers: map[string]*Peer{"a": {ID: "a"}, "b": {ID: "b"}}}
}

func TestHangsRename(t *testing.T)  { registry().RenameLocksAgain("a", "c") }
func TestHangsReplace(t *testing.T) { registry().ReplaceForgetsToUnlockOnOneBranch("a", &Peer{}) }
func TestHangsStats(t *testing.T)   { registry().StatsThroughHelper() }
func TestHangsReset(t *testing.T)   { registry().ResetThroughTwoHelpers() }
func TestHangsAverage(t *testing.T) { registry().AverageInReturn() }
func TestHangsEvict(t *testing.T)   { registry().EvictDefersInTheWrongOrder("a") }
func TestHangsCompact(t *testing.T) { registry().CompactInPlace() }
func TestHangsPool(t *testing.T)    { (&Pool{}).PutBehindEmbeddedMutex("a") }

func TestHangsUpgrade(t *testing.T) {
	(&Routes{next: map[string]string{}}).LearnUpgradesReadLock("a", "b")
}

func TestHangsReadWhileWriting(t *testing.T) {
	(&Routes{next: map[string]string{}}).ForwardReadsWhileWriting("a", "b")
}

func TestHangsOwner(t *testing.T) {
	s := &Session{owner: &Sessions{open: map[string]*Session{}}}
	s.CloseTellsOwner("a")
}

func TestHangsGlobal(t *testing.T) { RelayThroughGlobalMutex("a") }

func TestHangsSweep(t *testing.T) {
	done := make(chan struct{})
	registry().SweepInGoroutine(done)
	<-done
}

func TestPassesAlone(t *testing.T) {
	r := registry()
	r.Size()
	r.Total()
	CountRelayed("a")
	if (&Pool{}).Idle() != 0 || (&Routes{}).Via("a") != "" {
		t.Fatal("not empty")
	}
}
