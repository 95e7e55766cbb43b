package guardedreferenceescape

import "testing"

func TestPasses(t *testing.T) {
	r := &Registry{peers: map[string]*Peer{"a": {ID: "a"}}, order: []string{"a"}}
	s := &Stats{counts: map[string]int{}}
	routes, sessions := &Routes{next: map[string]string{}}, &Sessions{byID: map[string]*Session{}}
	f, settings := &Feed{}, &Settings{}
	settings.Set(1, 1)
	use := func() {
		r.Add(&Peer{ID: "b"})
		r.SwapFirst("c")
		r.Punish("a")
		_ = r.PeersCopiesMap()["a"].Reputation
		_ = len(r.OrderCopiesSlice()) + len(r.OrderClones()) + len(r.IDsSorted()) + len(r.Name()) + r.Len()
		r.FindCopiesPeer("a")
		_ = len(r.TakeAll()) + len(r.TakeOrder())
		_ = s.Count("a")["a"]
		r.Worst()
		routes.Learn("a", "b")
		_ = routes.Current()["a"]
		sessions.Open("a").Close()
		sessions.Find("a").Close()
		f.Restart()
		_ = f.Events()
		settings.Set(2, 2)
		_ = settings.Current().Peers
	}
	together(use, use)
}
