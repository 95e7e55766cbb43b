package mismatchedunlock

import "testing"

func peers() *Peers { return &Peers{byID: map[string]string{}} }

func TestPanicsAdd(t *testing.T)    { peers().AddReleasesAsReader("a", "1") }
func TestPanicsGet(t *testing.T)    { peers().GetReleasesAsWriter("a") }
func TestPanicsLen(t *testing.T)    { peers().LenDefersTheWrongOne() }
func TestPanicsRemove(t *testing.T) { peers().RemoveIsWrongOnErrorPath("a") }
func TestPanicsJoin(t *testing.T)   { (&Set{members: map[string]bool{}}).JoinThroughEmbeddedMutex("a") }
func TestPanicsHas(t *testing.T)    { (&Set{}).HasInDeferredLiteral("a") }
