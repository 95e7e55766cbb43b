package guardedreferenceescape

import "testing"

func registry() *Registry {
	return &Registry{peers: map[string]*Peer{"a": {ID: "a"}}, order: []string{"a"}}
}

func TestRacesPeers(t *testing.T) {
	r := registry()
	together(func() { r.Add(&Peer{ID: "b"}) }, func() { use(len(r.PeersHandsOutMap())) })
}

func TestRacesOrder(t *testing.T) {
	r := registry()
	together(func() { r.SwapFirst("b") }, func() { use(r.OrderHandsOutSlice()[0] == "a") })
}

func TestRacesLocal(t *testing.T) {
	r := registry()
	together(func() { r.Add(&Peer{ID: "b"}) }, func() { use(r.PeersThroughLocal()["a"]) })
}

func TestRacesRecent(t *testing.T) {
	r := registry()
	together(func() { r.SwapFirst("b") }, func() { use(r.RecentHandsOutPart(1)[0] == "a") })
}

func TestRacesCount(t *testing.T) {
	s := &Stats{counts: map[string]int{}}
	together(func() { s.Count("a") }, func() { use(s.Count("b")["a"]) })
}

func TestRacesReport(t *testing.T) {
	s := &Stats{counts: map[string]int{}}
	together(func() { s.Count("a") }, func() { use(s.ReportHoldsLiveMap().Counts["a"]) })
}

func TestRacesFill(t *testing.T) {
	s := &Stats{counts: map[string]int{}}
	together(func() { s.Count("a") }, func() {
		var report Report
		s.FillReport(&report)
		use(report.Counts["a"])
	})
}

func TestRacesInfo(t *testing.T) {
	s := &Session{}
	together(func() { s.Advance("open") }, func() { use(s.InfoHandsOutAddress().Turns > 0) })
}

func TestRacesFind(t *testing.T) {
	r := registry()
	together(func() { r.Punish("a") }, func() { use(r.FindHandsOutPeer("a").Reputation > 0) })
}

// use keeps the compiler from dropping a read.
//
//go:noinline
func use(any) {}
