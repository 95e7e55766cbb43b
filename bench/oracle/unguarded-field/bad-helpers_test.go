package unguardedfield

import "testing"

func TestRacesSignal(t *testing.T) {
	i := &Interests{sessions: map[int]func(string){}, byPeer: map[string][]int{}}
	n := 0
	together(func() { n++; i.Register(n%100, func(string) {}); i.Want(n%100, "a") }, func() { i.Connected("a") })
}

func TestRacesLoops(t *testing.T) {
	incoming, outgoing := make(chan int), make(chan int)
	go func() {
		for n := range 1000 {
			incoming <- n
		}
		close(incoming)
	}()
	go func() {
		for n := range 1000 {
			outgoing <- n
		}
		close(outgoing)
	}()
	ServeBothLoops(incoming, outgoing)
}
