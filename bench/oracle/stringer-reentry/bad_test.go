package stringerreentry

import (
	"errors"
	"testing"
)

func TestHangsReward(t *testing.T)   { (&Peer{}).RewardLogsUnderTheLock(1) }
func TestHangsDescribe(t *testing.T) { (&Peer{}).DescribeUnderTheLock() }
func TestHangsAdd(t *testing.T)      { (&Failure{}).AddWrapsItself(errors.New("part")) }

func TestHangsReset(t *testing.T) {
	if _, err := (&Stats{}).ResetReportsTheOldOnes(); err != nil {
		t.Fatal(err)
	}
}
