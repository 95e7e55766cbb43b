package syncutil

import "sync"

type Mutex struct{ sync.Mutex }
