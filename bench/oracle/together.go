package oracle

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// together runs all of them at the same time, many times over, and waits.
func together(tasks ...func()) {
	const rounds = 3000
	start := make(chan struct{})
	var running sync.WaitGroup
	for _, task := range tasks {
		running.Add(1)
		go func() {
			defer running.Done()
			<-start
			for range rounds {
				task()
				// One task after the other would be in order, whatever they do.
				runtime.Gosched()
			}
		}()
	}
	close(start)
	running.Wait()
}

// atOnce runs each of them once, at the same time, and waits.
func atOnce(tasks ...func()) {
	var running sync.WaitGroup
	for _, task := range tasks {
		running.Add(1)
		go func() {
			defer running.Done()
			task()
		}()
	}
	running.Wait()
}

// untilStuck repeats the tasks, each on its own goroutine, until none of them gets any further, and panics then.
// When they still run after three seconds it returns: nothing has been shown.
func untilStuck(tasks ...func()) {
	var done atomic.Int64
	for _, task := range tasks {
		go func() {
			for {
				task()
				done.Add(1)
			}
		}()
	}
	before := int64(-1)
	for range 6 {
		time.Sleep(500 * time.Millisecond)
		now := done.Load()
		if now == before {
			panic("stuck: no task gets any further")
		}
		before = now
	}
}
