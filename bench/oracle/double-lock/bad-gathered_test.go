package doublelock

import "testing"

func hub() *Hub {
	h := &Hub{names: map[string]*Member{}}
	h.Join("a")
	return h
}

func TestHangsClones(t *testing.T)   { hub().CloseClonesTheList() }
func TestHangsOneByOne(t *testing.T) { hub().CloseGathersOneByOne() }
func TestHangsAll(t *testing.T)      { hub().CloseGathersAll() }
