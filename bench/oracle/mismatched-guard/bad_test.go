package mismatched

import (
	"testing"
)

func TestRacesAck(t *testing.T) {
	p := &Peer{}
	together(p.Ping, func() { p.HandleAckUnderTheOtherLock(1) })
}

func TestRacesWindow(t *testing.T) {
	p := &Peer{}
	together(p.Ping, func() { p.WindowUnderTheOtherLock() })
}

func TestRacesIdle(t *testing.T) {
	p := &Peer{}
	together(p.Ping, func() { p.IdleUnderTheOtherLock() })
}

func TestRacesTouch(t *testing.T) {
	p := &Peer{}
	together(p.Ping, p.TouchUnderTheOtherLock)
}
