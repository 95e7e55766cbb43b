// Package sync wraps locks, as projects do to find deadlocks in their tests.
package sync

import "sync"

type RWMutex struct{ sync.RWMutex }
