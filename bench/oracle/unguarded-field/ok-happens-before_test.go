package unguardedfield

import "testing"

func TestPasses(t *testing.T) {
	b := &Broker{requests: make(chan *Request)}
	go b.Serve()
	go b.Serve()
	l, r := NewLoop(), NewRecorder()
	job := func() (string, error) { return "done", nil }
	together(
		func() { Collect([]func() (string, error){job, job, job}) },
		func() { CollectOne(job) },
		func() { b.Submit("a"); b.Served() },
		func() { b.Submit("b") },
		func() { l.Increase("a") },
		func() { l.Increase("a") },
		func() { r.input <- "line" },
	)
	close(l.quit)
	atOnce(func() { r.Finish() }, func() { r.Finish() })
}
