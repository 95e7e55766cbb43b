package table

import (
	"testing"
	"time"
)

func full() *Table { return &Table{conns: map[string]*Conn{"a": {ID: "a"}}} }

func TestRacesExpireUnlocksTooEarly(t *testing.T) {
	table := full()
	together(func() {
		table.Replace("a", &Conn{})
	}, func() { table.ExpireUnlocksTooEarly("a", time.Now()) })
}

func TestRacesRemoveLater(t *testing.T) {
	table := full()
	together(func() { table.Remove("a") }, func() { table.RemoveLater("a") })
}

func TestRacesRefreshUnderReadLock(t *testing.T) {
	routes := &Routes{next: map[string]string{}}
	together(func() { routes.RefreshUnderReadLock("a", "b") }, func() { routes.RefreshUnderReadLock("a", "c") })
}

func TestRacesBurstForgetsTheLock(t *testing.T) {
	limiter := &Limiter{}
	together(limiter.Tick, limiter.BurstForgetsTheLock)
}

func TestRacesStealTrustsTheLength(t *testing.T) {
	queue := &Queue{items: make([]string, 100_000)}
	together(func() { queue.Push("a") }, func() { queue.StealTrustsTheLength() })
}
