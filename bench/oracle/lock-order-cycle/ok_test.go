package lockordercycle

import "testing"

func TestPasses(t *testing.T) {
	r := &Router{routes: map[string]string{}, peers: map[string]int{}}
	c := &Channel{}
	s := &Stream{channel: c}
	c.streams = []*Stream{s}
	g, tables, l, n, o := &Gate{}, &Tables{}, &Link{}, &Node{children: []*Node{{}, {}}}, NewOwner()
	h := &Hop{next: &Hop{next: &Hop{}}}
	p := &Panel{source: &Notifier{}}
	p.Attach()
	together(
		func() { r.LearnTakesRoutesThenPeers("a", "b"); r.RenameOneAfterTheOther("a", "b") },
		func() { r.ForgetTakesRoutesThenPeers("a") },
		func() { c.PickAsksStream(0) },
		s.FailTellsChannelAfterwards,
		g.InThenOut, g.OutThenIn,
		func() { tables.LeftThenRight(); tables.RightThenLeft() },
		l.UpThenDown,
		func() { l.DownThenMaybeUp() },
		func() { n.Spread(1) },
		h.Age,
		func() { o.ReadyTakesOwnerThenOwned() },
		p.source.Fire,
	)
	atOnce(p.Attach, p.source.Fire)
}
