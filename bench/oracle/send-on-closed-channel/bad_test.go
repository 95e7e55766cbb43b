package sendonclosedchannel

import (
	"testing"
	"time"
)

func TestPanicsGreet(t *testing.T)  { GreetClosesBeforeLastSend(make(chan string, 4), []string{"a"}) }
func TestPanicsReport(t *testing.T) { ReportSendsAfterHelperClosed(true) }

func TestPanicsRelay(t *testing.T) {
	in := make(chan string, 2)
	in <- "quit"
	in <- "more"
	RelayClosesInsideLoop(in, make(chan string, 4))
}

func TestPanicsLink(t *testing.T) {
	l := &Link{queue: make(chan []byte, 1)}
	l.Close()
	l.SendKnowsNothingOfClose(nil)
}

func TestPanicsFeed(t *testing.T) {
	for range 200000 {
		f := &Feed{events: make(chan string, 1)}
		atOnce(func() { f.PublishTestsFlagFirst("a") }, f.Shutdown)
	}
}

func TestPanicsSession(t *testing.T) {
	for range 200000 {
		s := &Session{packets: make(chan []byte, 1)}
		atOnce(func() { s.WriteLeavesLockBeforeSend(nil) }, s.Close)
	}
}

func TestPanicsAnswers(t *testing.T) {
	FirstAnswerClosesWhileOthersSend([]string{"a", "b", "c"}, func(peer string) string { return peer })
	time.Sleep(100 * time.Millisecond)
}

func TestPanicsHub(t *testing.T) {
	h := &Hub{news: make(chan string, 1)}
	h.Stop()
	h.OfferInSelect("a")
}
