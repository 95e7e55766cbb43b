package nilchannel

import "testing"

func TestPanicsClose(t *testing.T) { NewSession().Close() }

func TestHangsAskPeer(t *testing.T) { AskPeer(func() string { return "yes" }) }
