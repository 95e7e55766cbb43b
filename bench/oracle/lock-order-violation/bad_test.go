package order

import "testing"

// What each package declares: these take the locks in that order, and meet the code that does not.

func TestHangsBan(t *testing.T) {
	server := &Server{peers: map[string]*Peer{}}
	peer := &Peer{server: server}
	untilStuck(peer.BanLocksServerLast, func() {
		server.mu.Lock()
		peer.mu.Lock()
		peer.mu.Unlock()
		server.mu.Unlock()
	})
}

func TestHangsImport(t *testing.T) {
	server := &Server{}
	book := &Book{entries: map[string]int{}}
	untilStuck(func() { book.ImportThroughHelper(server, "a") }, func() {
		server.mu.Lock()
		book.mu.Lock()
		book.mu.Unlock()
		server.mu.Unlock()
	})
}

func TestHangsSend(t *testing.T) {
	stream := &Stream{}
	untilStuck(func() { stream.SendLocksFlowFirst(1) }, func() {
		stream.state.Lock()
		stream.flow.Lock()
		stream.flow.Unlock()
		stream.state.Unlock()
	})
}

func TestHangsClose(t *testing.T) {
	sink := &Sink{}
	untilStuck(sink.CloseLocksWriteUnderRead, func() {
		sink.writeMu.Lock()
		sink.readMu.Lock()
		sink.readMu.Unlock()
		sink.writeMu.Unlock()
	})
}
