package stopsignal

import (
	"errors"
	"net"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	conn, peer := net.Pipe()
	h := Start(conn)
	peer.Close()
	time.Sleep(1500 * time.Millisecond)
	h.Stop()
	broken := func() error { return errors.New("gone") }
	roomy, patient := StartRoomy(broken), StartPatient(broken)
	time.Sleep(10 * time.Millisecond)
	roomy.Stop()
	patient.Stop()
	faithful := StartFaithful()
	faithful.Do(func() {})
	faithful.Stop()
	StartKnowing(broken).Stop()
}
