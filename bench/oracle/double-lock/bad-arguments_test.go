package doublelock

import "testing"

type plain struct{}

func (plain) Sign() string { return "signed " }

func TestHangsUpdate(t *testing.T) {
	_, _ = (&Client{key: plain{}}).UpdateSignsWithWhatIsThere()
}
