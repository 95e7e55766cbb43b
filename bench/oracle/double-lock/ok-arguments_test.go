package doublelock

import "testing"

type plain struct{}

func (plain) Sign() string { return "signed " }

func TestPasses(t *testing.T) {
	c := &Client{key: plain{}}
	c.Account()
	_, _ = c.Update()
	(&Client{}).Account()
}
