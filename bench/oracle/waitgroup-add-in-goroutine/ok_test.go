package waitgroupaddingoroutine

import (
	"net"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {
	local := []string{"127.0.0.1:1", "127.0.0.1:1"}
	DialAllAddsBeforeGo(local)
	DialAllWithGo(local)
	DialAllAddsOnce(local)
	serve := func(run func(*Server)) {
		listener, _ := net.Listen("tcp", "127.0.0.1:0")
		go func() {
			net.Dial("tcp", listener.Addr().String())
			time.Sleep(20 * time.Millisecond)
			listener.Close()
		}()
		run(&Server{listener: listener})
	}
	serve((*Server).ServeAddsBeforeHandler)
	serve(func(s *Server) {
		quit := make(chan struct{})
		time.AfterFunc(50*time.Millisecond, func() { close(quit) })
		s.ServeInBackground(quit)
	})
	links := map[string][]string{"a": {"b", "c"}, "b": {"d"}}
	CrawlCountsChildren("a", func(page string) []string { return links[page] })
	done := make(chan int, 2)
	job := func() {}
	BatchesInGoroutine([][]func(){{job, job}, {job}}, done)
	<-done
	<-done
	StartSignalsAfterAdd(job, job)
	tracker := &Tracker{}
	tracker.Track(job)
	tracker.running.Wait()
}
