package main

import "testing"

func TestHangsMain(t *testing.T) { main() }
