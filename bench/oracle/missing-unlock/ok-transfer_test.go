package missingunlock

import "testing"

func TestPasses(t *testing.T) {
	s := &Store{entries: map[string]string{}}
	together(
		func() { s.Put("a", "1") },
		func() { s.Acquire()() },
		func() {
			if release, err := s.AcquireUnlessEmpty(); err == nil {
				release()
			}
		},
		func() { s.UseAcquire("a") },
		func() { s.UnlockThroughVariable("a"); s.UnlockThroughVariable("b") },
		func() { s.Begin().Commit() },
		func() { b := s.NewBatch(); b.Set("a", "2"); b.Close() },
		func() { s.FlushBehind(func(map[string]string) {}) },
		func() { s.PutUnlessBusy("b", "3") },
	)
	s.Freeze()
	if s.mu.TryLock() {
		t.Fatal("not frozen")
	}
}
