package doublelock

import "testing"

func TestHangsDial(t *testing.T) {
	(&Dialer{closed: true, conns: map[int]*pooledConn{}}).DialClosesUnderItsOwnLock(1)
}

func TestHangsShutdown(t *testing.T) {
	d := &Dialer{conns: map[int]*pooledConn{}}
	d.DialClosesUnderItsOwnLock(1)
	d.ShutdownClosesEachUnderTheLock()
}
