package afterput

import (
	"bytes"
	"io"
	"testing"
)

func TestRacesEncode(t *testing.T) {
	encode := func() { EncodeReadsAfterPut(io.Discard, "hello") }
	together(encode, encode, encode, encode)
}

func TestRacesHandle(t *testing.T) {
	handle := func() { HandleUsesFrameAfterPut(1, func(byte) {}) }
	together(handle, handle, handle, handle)
}

func TestRacesTwice(t *testing.T) {
	decode := func() {
		DecodePutsBackTwice(bytes.NewReader(nil))
		frame := frames.Get().(*Frame)
		frame.kind++
		frames.Put(frame)
	}
	together(decode, decode, decode, decode)
}
