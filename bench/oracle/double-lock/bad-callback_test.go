package doublelock

import "testing"

func TestHangsCallback(t *testing.T) {
	(&Hub{peers: map[string]int{"a": -1}}).DropBadFromCallback()
}

func TestHangsInterface(t *testing.T) { connect().ReadThroughInterface() }
func TestHangsReadOnce(t *testing.T)  { ReadOnce() }
func TestPassesDrop(t *testing.T)     { (&Hub{peers: map[string]int{"a": -1}}).Drop("a") }
