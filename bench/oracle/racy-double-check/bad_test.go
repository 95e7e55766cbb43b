package doublecheck

import (
	"net"
	"testing"
)

func TestRacesFlag(t *testing.T) {
	for range 50 {
		d := &Dialer{}
		atOnce(func() { d.ConfigTestsFlagFirst() }, func() { d.ConfigTestsFlagFirst() })
	}
}

func TestRacesPointer(t *testing.T) {
	for range 50 {
		p := &Pool{dial: func() net.Conn { return &net.TCPConn{} }}
		atOnce(p.ConnTestsPointerFirst, p.ConnTestsPointerFirst)
	}
}

func TestRacesOnce(t *testing.T) {
	for range 50 {
		s := &Server{}
		atOnce(s.CloseTestsOnceOnly, s.CloseTestsOnceOnly)
	}
}

func TestRacesTable(t *testing.T) {
	for range 50 {
		ports = nil
		atOnce(func() { PortTestsTableFirst("http") }, func() { PortTestsTableFirst("http") })
	}
}
