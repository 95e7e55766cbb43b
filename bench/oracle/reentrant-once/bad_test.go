package reentrantonce

import "testing"

func TestHangsGet(t *testing.T)   { (&Config{}).Get("host") }
func TestHangsStart(t *testing.T) { Start() }
