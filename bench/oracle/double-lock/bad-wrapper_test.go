package doublelock

import "testing"

func TestHangsDirectory(t *testing.T) {
	(&Directory{names: map[string]string{}}).AddThroughWrapper("a", "1")
}

func TestHangsBox(t *testing.T)    { (&Box[int]{}).SwapInGenericType(1) }
func TestHangsTable(t *testing.T)  { (&Table{}).ClearThroughOwnLockMethods() }
func TestHangsGlobal(t *testing.T) { DialTwiceUnderGlobalStruct() }
