import { describe, expect, test } from 'vitest';
import { meaningsOf } from '../src/parsers/go/resolve/index.js';
import { check, printType, resolve } from './resolve-expectations.js';

function agrees(sources: { readonly [path: string]: string } | string, given?: readonly string[], moduleCache?: string): void {
  const files = typeof sources === 'string' ? { 'p/p.go': `package p\n${sources}` } : sources;
  const { expected, actual } = check(files, given, moduleCache);
  expect(expected.length).toBeGreaterThan(0);
  expect(actual).toEqual(expected);
}

describe('fields and methods', () => {
  test('are found through several levels of embedding, by value and by pointer', () => agrees(`
import "sync"
type guard struct { mu sync.Mutex; sync.RWMutex }
type base struct { *guard; name string }
type Server struct { base; peers map[string]*peer }
type peer struct { addr string; srv *Server }
func (b base) Name() string { return b.name } //: b.name @ p.base.name
func (g *guard) hold() { g.mu.Lock() } //: g.mu.Lock -> sync.Mutex.Lock; g.mu @ p.guard.mu*
func (s *Server) run(id string) {
	s.mu.Lock() //: s.mu.Lock -> sync.Mutex.Lock; s.mu @ p.Server.base* p.base.guard p.guard.mu*
	s.RLock() //: s.RLock -> sync.RWMutex.RLock
	s.hold() //: s.hold -> p.guard.hold
	s.Name() //: s.Name -> p.base.Name; s.Name() = string
	p := s.peers[id] //: p = *p.peer
	p.srv.peers[p.addr].srv.mu.Unlock() //: p.srv.peers[p.addr].srv.mu.Unlock -> sync.Mutex.Unlock
	(*s).base.guard.mu.Unlock() //: (*s).base.guard.mu.Unlock -> sync.Mutex.Unlock
}`));

  test('the shallowest wins, two of one depth mean nothing', () => agrees(`
type a struct { x, y int }
type b struct { x, z string }
type c struct { a; b; y bool }
func f(v c) {
	_ = v.y //: v.y = bool; v.y @ p.c.y
	_ = v.z //: v.z = string; v.z @ p.c.b p.b.z
	_ = v.x //: v.x = unknown
}`));

  test('an embedded interface lends its methods', () => agrees(`
import ("io"; "net")
type conn struct { net.Conn; w io.WriteCloser }
func (c *conn) Close() error { return c.Conn.Close() } //: c.Conn.Close -> net.Conn.Close by interface
func f(c *conn) {
	c.Close() //: c.Close -> p.conn.Close
	c.Write(nil) //: c.Write -> net.Conn.Write by interface; c.Write @ p.conn.Conn*
	c.w.Write(nil) //: c.w.Write -> io.WriteCloser.Write by interface
}`));

  test('methods of interfaces are called by the interface that declares them', () => agrees(`
import "sync"
type Stopper interface { Stop() error }
type Service interface { Stopper; sync.Locker; Start(n int) }
func f(s Service, e error) {
	s.Stop() //: s.Stop -> p.Stopper.Stop by interface; s.Stop() = error
	s.Lock() //: s.Lock -> sync.Locker.Lock by interface
	s.Start(1) //: s.Start -> p.Service.Start by interface
	e.Error() //: e.Error -> error.Error by interface; e.Error() = string
}`));

  test('anonymous structs are named by their place in the type', () => agrees(`
type T struct { stats struct { sent, lost int }; rows []struct { n int } }
var table = struct { m map[string]int }{}
func f(t *T) {
	t.stats.sent++ //: t.stats.sent @ p.T.stats.sent
	t.rows[0].n++ //: t.rows[0].n @ p.T.rows.n
}`));

  test('method values and method expressions', () => agrees(`
import "sync"
type T struct { mu sync.Mutex }
func (t *T) M(n int) string { return "" }
func f(t *T) {
	g := t.M //: g = func(int) (string)
	h := (*T).M //: h = func(*p.T, int) (string); (*T).M -> p.T.M
	defer t.mu.Unlock() //: t.mu.Unlock -> sync.Mutex.Unlock
	u := t.mu.Unlock //: u = func()
	g(1); h(t, 1); u()
	_ = g(1) //: g(1) = string
}`));
});

describe('statements bind names', () => {
  test('a short declaration redeclares only in its own block', () => agrees(`
func two() (int, error) { return 0, nil }
func f() {
	n, err := two() //: n = int; err = error
	if n, ok := any(n).(string); ok { //: n = string; ok = bool
		_ = n //: n = string
	} else if m := n; len(m) > 0 { //: m = string
		_ = m
	}
	s, err := "", err //: s = string; err = error
	_, _ = n, s //: n = int
}`));

  test('range over every kind', () => agrees(`
import ("iter"; "maps"; "slices")
type Set map[string]bool
func seq(yield func(int, string) bool) {}
func f(list []float64, arr *[3]rune, set Set, c <-chan error, it iter.Seq2[string, *int]) {
	for i, v := range list { _, _ = i, v } //: i = int; v = float64
	for _, v := range arr { _ = v } //: v = int32
	for k, v := range set { _, _ = k, v } //: k = string; v = bool
	for e := range c { _ = e } //: e = error
	for i, r := range "text" { _, _ = i, r } //: i = int; r = int32
	for i := range 10 { _ = i } //: i = int
	for i, s := range seq { _, _ = i, s } //: i = int; s = string
	for k, v := range it { _, _ = k, v } //: k = string; v = *int
	for k := range maps.Keys(set) { _ = k } //: k = string
	for i, v := range slices.Backward(list) { _, _ = i, v } //: i = int; v = float64
	var k int
	for k = range list { _ = k } //: k = int
}`));

  test('parameter types are read outside the parameters, and only some expressions have a second value', () => agrees(`
import ("io/fs"; "example.com/absent")
type store struct{}
func (fs *store) write(name string, perm fs.FileMode) (mode fs.FileMode) { //: perm = io/fs.FileMode; mode = io/fs.FileMode
	fs.write(name, perm) //: fs.write -> p.store.write
	conn, err := absent.Dial(name) //: conn = unknown; err = unknown
	_, second, _ := absent.Three() //: second = unknown
	_ = (*absent.Header)(nil) //: (*absent.Header)(nil) = *example.com/absent.Header
	_, _, _ = conn, err, second
	return perm
}`));

  test('new takes a value, labels and shadowing change no meaning', () => agrees(`
type conn struct { id int }
type pool struct { conn *conn; byID map[int]func(*conn) bool; tries []func() error }
func (p *pool) run(list []*conn) {
	n := new(len(list)) //: n = *int
conn:
	for i, conn := range list { //: i = int; conn = *p.conn
		for conn := range conn.id { //: conn = int
			if conn > *n { break conn }
		}
		if ok := p.byID[i](conn); ok { continue conn } //: ok = bool; conn = *p.conn
	}
	err := p.tries[0]() //: err = error
	type conn struct { name string }
	_ = conn{}.name //: conn{}.name @ p.pool.run.conn.name
	_, _ = err, p.conn.id //: p.conn.id @ p.conn.id*
}`));

  test('a type switch binds per clause', () => agrees(`
import "net"
type T struct{}
func (*T) Close() error { return nil }
func f(x any) {
	switch v := x.(type) {
	case *T:
		v.Close() //: v.Close -> p.T.Close; v = *p.T
	case net.Conn:
		v.Close() //: v.Close -> net.Conn.Close by interface
	case int, string:
		_ = v //: v = any
	case nil:
		_ = v //: v = any
	case func() *T:
		v().Close() //: v().Close -> p.T.Close
	}
}`));

  test('select receives and sends', () => agrees(`
import ("context"; "time")
type msg struct { id int }
func f(ctx context.Context, in chan *msg, out chan<- int) {
	select {
	case m, ok := <-in: //: m = *p.msg; ok = bool
		_ = m.id //: m.id @ p.msg.id*
	case out <- 1:
	case <-ctx.Done(): //: ctx.Done -> context.Context.Done by interface; ctx.Done() = <-chan struct{}
	case t := <-time.After(time.Second): //: t = time.Time; time.After -> time.After
		t.Unix() //: t.Unix -> time.Time.Unix
	}
}`));

  test('closures see what stands before them, and labels are no names', () => agrees(`
import "sync"
func f() (err error) {
	var mu sync.Mutex
	n := 0
	go func(n string) {
		mu.Lock() //: mu.Lock -> sync.Mutex.Lock
		_ = n //: n = string
		err = nil //: err = error
	}("")
	func() { n := 1.5; _ = n }() //: n = float64
	n: for { _ = n; break n } //: n = int
	return
}`));

  test('types and constants inside functions', () => agrees(`
type local struct { outer int }
func f() {
	type node struct { next *node; value int }
	const ( a = iota * 2; b; c )
	x := node{} //: x = p.f.node
	_ = x.next.next.value //: x.next.next.value @ p.f.node.value*
	_ = c //: c # 4
	{
		type node struct { text string }
		_ = node{}.text //: node{}.text @ p.f.node#2.text
	}
	_ = local{}.outer //: local{}.outer @ p.local.outer
}
func g() { type node int; var n node; _ = n } //: n = p.g.node`));

  test('elided composite literals', () => agrees(`
type point struct { x, y int }
type line struct { ends [2]point; tags map[string][]*point }
func f() {
	l := line{ends: [2]point{{1, 2}, {y: 3}}, tags: map[string][]*point{"a": {{4, 5}}}} //: {4, 5} = *p.point; {1, 2} = p.point
	grid := [...][]int{{1}, {2, 3}} //: grid = [2][]int
	_, _ = l, grid
}`));
});

describe('calls', () => {
  test('builtins and conversions', () => agrees(`
import "unsafe"
type ID string
const size = 4
func f(s []*int, m map[string]chan int) {
	a := append(s, nil) //: a = []*int; append -> builtin append
	b := make(chan ID, size) //: b = chan p.ID; size # 4
	c := new(ID) //: c = *p.ID
	d := new(3) //: d = *int
	e := copy(s, a) //: e = int
	g := min(2, 3.5) //: g = float64
	h := ID("x") //: h = p.ID; ID -> conversion
	i := (*int)(unsafe.Pointer(c)) //: i = *int
	j := recover() //: j = any
	k, _ := func(n int) (x, y bool) { return }(1) //: k = bool
	delete(m, "x"); close(m["x"]); panic(h)
	_, _, _, _, _, _, _, _, _ = b, d, e, g, i, j, k, a, c
}`));

  test('several results, passed on', () => agrees(`
func two() (string, []error) { return "", nil }
func take[T any](s string, list []T) T { var t T; return t }
func f() {
	a, b := two() //: a = string; b = []error
	c := take(two()) //: c = error
	_, _, _ = a, b, c
}`));

  test('values of function type', () => agrees(`
type handler func(int) (*T, error)
type T struct { on handler; done func() }
func (t *T) fire() {
	u, err := t.on(1) //: u = *p.T; err = error; t.on @ p.T.on*
	u.fire() //: u.fire -> p.T.fire
	t.done()
	_ = err
}`));
});

describe('generics', () => {
  test('type arguments reach fields, parameters and results', () => agrees(`
import ("sync"; "sync/atomic")
type Map[K comparable, V any] struct { mu sync.RWMutex; items map[K]V; last atomic.Pointer[V] }
type Cache struct { users *Map[string, *User]; inner[int] }
type inner[N any] struct { n N }
type User struct { name string }
func New[K comparable, V any](capacity int) *Map[K, V] { return &Map[K, V]{} }
func (m *Map[Key, Value]) Load(k Key) (v Value, ok bool) {
	m.mu.RLock() //: m.mu.RLock -> sync.RWMutex.RLock; m.mu @ p.Map.mu*
	v, ok = m.items[k] //: v = V; m.items[k] = V
	return
}
func (m *Map[_, V]) Each(f func(V)) { for _, v := range m.items { f(v) } }
func f(c *Cache) {
	u, ok := c.users.Load("x") //: u = *p.User; ok = bool; c.users.Load -> p.Map.Load
	_ = u.name //: u.name @ p.User.name*
	_ = c.n //: c.n = int; c.n @ p.Cache.inner* p.inner.n
	m := New[int, []User](3) //: m = *p.Map[int, []p.User]
	m.Each(func(us []User) { _ = us[0].name }) //: us[0].name @ p.User.name
	_ = c.users.last.Load() //: c.users.last.Load -> sync/atomic.Pointer.Load; c.users.last.Load() = **p.User
	_ = ok
}`));

  test('type arguments are inferred from arguments', () => agrees(`
import "slices"
type list[T any] []T
func Transform[In, Out any](in []In, f func(In) Out) []Out { return nil }
func Keys[M ~map[K]V, K comparable, V any](m M) []K { return nil }
func first[S ~[]E, E any](s S) (E, S) { return s[0], s }
func f(m map[string]bool, names list[error]) {
	a := Transform([]int{1}, func(n int) *string { return nil }) //: a = []*string
	b := Keys(m) //: b = []string
	c, d := first(names) //: c = error; d = p.list[error]
	e := slices.Clone(names) //: e = p.list[error]
	g := slices.Max([]float64{1}) //: g = float64
	h := Transform[int](nil, func(n int) bool { return true }) //: h = []bool
	_, _, _, _, _, _, _ = a, b, c, d, e, g, h
}`));

  test('a type parameter has the methods of its constraint', () => agrees(`
import "sync"
type locker interface { sync.Locker; comparable }
func with[L locker, N ~int | ~int64](l L, n N) {
	l.Lock() //: l.Lock -> sync.Locker.Lock by interface
	for i := range n { _ = i } //: i = N
}
func lockOf[T any, P interface { *T; Lock() }](t T) { P(&t).Lock() } //: P(&t) = P; P(&t).Lock -> interface.Lock by interface
`));
});

describe('packages', () => {
  const module = { 'go.mod': 'module example.com/node\n\ngo 1.22\n' };

  test('of one module name each other; imports may be renamed, dotted or blank', () => agrees({
    ...module,
    'p2p/peer.go': 'package p2p\nimport "sync"\ntype Peer struct { Mu sync.Mutex }\nfunc New() *Peer { return &Peer{} }\nvar Default = New()\nconst Limit = 1 << 4\n',
    'main.go': `package main
import (
	. "example.com/node/p2p"
	net "example.com/node/p2p"
	_ "net/http"
)
func main() {
	p := New() //: p = *example.com/node/p2p.Peer; New -> example.com/node/p2p.New
	p.Mu.Lock() //: p.Mu @ example.com/node/p2p.Peer.Mu*
	q := net.Default //: q = *example.com/node/p2p.Peer
	_, _ = q, make(chan int, net.Limit) //: net.Limit # 16
}
`,
  }));

  test('lie in nested modules, workspaces, replacements and vendor folders', () => agrees({
    ...module,
    'go.work': 'go 1.22\nuse (\n\t.\n\t./tools\n)\n',
    'go.mod': 'module example.com/node\nreplace example.com/wire v1.2.3 => ./third/wire // ours\n',
    'tools/go.mod': 'module "example.com/tools/v2"\n',
    'tools/gen/gen.go': 'package gen\nfunc Run() {}\n',
    'third/wire/go.mod': 'module example.com/wire\n',
    'third/wire/codec/codec.go': 'package codec\ntype Frame struct { N int }\nfunc Read() (*Frame, error) { return nil, nil }\n',
    'vendor/example.com/log/v3/log.go': 'package log\ntype Logger struct { Level int }\nfunc (l *Logger) Info(text string) {\n\tpanic("}")\n}\nfunc New() *Logger {\n\treturn nil\n}\n',
    'vendor/example.com/log/v3/log_test.go': 'package log\nfunc New() int { return 0 }\n',
    'main.go': `package main
import (
	"example.com/log/v3"
	"example.com/tools/v2/gen"
	"example.com/wire/codec"
)
func main() {
	gen.Run() //: gen.Run -> example.com/tools/v2/gen.Run
	f, err := codec.Read() //: f = *example.com/wire/codec.Frame; err = error
	l := log.New() //: l = *example.com/log/v3.Logger
	l.Info("") //: l.Info -> example.com/log/v3.Logger.Info
	l.Level = f.N //: l.Level @ example.com/log/v3.Logger.Level*
}
`,
  }, ['main.go']));

  test('may be read from the module cache, in the version the program selects', () => {
    const cache = {
      'cache/github.com/!acme/wire@v1.5.0/go.mod': 'module github.com/Acme/wire\nrequire example.com/leaf v0.1.0\n',
      'cache/github.com/!acme/wire@v1.5.0/wire.go': 'package wire\nimport "example.com/leaf"\ntype Conn struct { Leaf *leaf.Leaf }\n',
      'cache/github.com/!acme/wire@v1.4.0/wire.go': 'package wire\ntype Conn struct{}\n',
      'cache/example.com/leaf@v0.1.0/leaf.go': 'package leaf\ntype Leaf struct { Old int }\n',
      'cache/example.com/leaf@v0.2.0/leaf.go': 'package leaf\ntype Leaf struct { New int }\n',
      'cache/example.com/fork@v9.0.0/leaf.go': 'package leaf\ntype Leaf struct { Forked int }\n',
    };
    const main = `package main
import "github.com/Acme/wire"
func f(c *wire.Conn) { _ = c.Leaf.New } //: c.Leaf.New = int; c.Leaf.New @ example.com/leaf.Leaf.New*
`;
    const manifest = 'module example.com/node\nrequire (\n\tgithub.com/Acme/wire v1.5.0\n\texample.com/leaf v0.2.0 // indirect\n)\n';
    agrees({ ...cache, 'go.mod': manifest, 'main.go': main }, ['main.go'], 'cache');
    agrees({ ...cache, 'go.mod': `${manifest}replace example.com/leaf => example.com/fork v9.0.0\n`, 'main.go': main.replaceAll('New', 'Forked') }, ['main.go'], 'cache');
  });

  test('that are not at hand may call themselves by the folder above', () => agrees({
    'p/p.go': 'package p\nimport "example.com/go-metrics/compat"\nfunc f() { metrics.Incr(1) } //: metrics.Incr -> example.com/go-metrics/compat.Incr\n',
  }));

  test('in the module cache keep what their build leaves in, by old constraints too', () => {
    agrees({
      ...module,
      'go.mod': 'module example.com/node\n\nrequire example.com/dep v1.0.0\n',
      'main.go': 'package main\nimport "example.com/dep"\nfunc main() { _ = dep.New().Sent } //: dep.New().Sent @ example.com/dep.Info.Sent*\n',
      'cache/example.com/dep@v1.0.0/stub.go': '// +build !linux,!darwin\n\npackage dep\n\ntype Info struct{}\n',
      'cache/example.com/dep@v1.0.0/zinfo_linux.go': 'package dep\n\ntype Info struct{ Sent int }\n\nfunc New() *Info { return nil }\n',
    }, ['main.go'], 'cache');
  });

  test('that import each other in a circle mean what they say', () => agrees({
    ...module,
    'a/a.go': 'package a\nimport "example.com/node/b"\ntype A struct { b *b.B }\nfunc (a *A) Go() { a.b.A.Go() } //: a.b.A.Go -> example.com/node/a.A.Go\nvar X = b.Y\n',
    'b/b.go': 'package b\nimport "example.com/node/a"\ntype B struct { A *a.A }\nvar Y = a.X\nfunc f(v *B) { v.A.Go(); _ = Y } //: v.A.Go -> example.com/node/a.A.Go\n',
  }));

  test('that are not at hand are known by name', () => agrees({
    'main.go': `package main
import (
	"github.com/acme/go-queue/v2"
	"golang.org/x/sync/errgroup"
	"gopkg.in/yaml.v3"
)
type S struct { q *queue.Queue; g errgroup.Group }
func (s *S) run() {
	s.q = queue.New(yaml.Marshal) //: queue.New -> github.com/acme/go-queue/v2.New; s.q = *github.com/acme/go-queue/v2.Queue
	s.g.Go(func() error { return nil }) //: s.g.Go -> golang.org/x/sync/errgroup.Group.Go
	x := []queue.Item{} //: x = []github.com/acme/go-queue/v2.Item
	y := queue.Options{N: 1} //: y = github.com/acme/go-queue/v2.Options
	_, _ = x, y
}
`,
  }));

  test('are named by where the working folder lies in its module', () => {
    const sources = { '../../go.mod': 'module example.com/node\n', '../../internal/p2p/a.go': 'package p2p\n', 'a.go': 'package p2p\n', 'wire/b.go': 'package wire\nimport "example.com/node/internal/p2p"\nvar P p2p.T\n' };
    const files = { ...sources, 'a.go': 'package p2p\ntype T struct{}\n' };
    const world = resolve({ ...files, '../../internal/p2p/a.go': files['a.go'], '../p2p/a.go': files['a.go'], '../../internal/other.go': '' }, ['a.go', 'wire/b.go']);
    expect(world.packages.map((pkg) => pkg.path)).toEqual(['example.com/node/internal/p2p', 'example.com/node/internal/p2p/wire']);
    expect(printType(world.globals[0]!.type)).toBe('example.com/node/internal/p2p.T');
    const marked = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, path.endsWith('.go') ? `\ufeff${text}` : text]));
    expect(resolve({ ...marked, '../../internal/p2p/a.go': marked['a.go']!, '../p2p/a.go': marked['a.go']! }, ['a.go', 'wire/b.go']).packages.map((pkg) => pkg.path)).toEqual(world.packages.map((pkg) => pkg.path));
  });

  test('without a manifest are their folders, and an import is the folder that ends like it', () => agrees({
    'src/github.com/acme/wire/wire.go': 'package wire\nfunc Read() int { return 0 }\n',
    'src/github.com/acme/node/node.go': 'package node\nimport "github.com/acme/wire"\nfunc f() { wire.Read() } //: wire.Read -> src/github.com/acme/wire.Read\n',
  }));

  test('a folder may hold a package, its external tests and programs of its own', () => {
    const world = resolve({
      ...module,
      'q/q.go': 'package q\nfunc F() {}\n', 'q/q_test.go': 'package q\nfunc TestF() { F() }\n', 'q/x_test.go': 'package q_test\nimport "example.com/node/q"\nfunc TestX() { q.F() }\n',
      'q/gen.go': '//go:build ignore\n\npackage main\nfunc main() {}\n',
    });
    expect(world.packages.map((pkg) => `${pkg.path} ${pkg.name} ${pkg.goVersion}`)).toEqual([
      'example.com/node/q#main main 1.22', 'example.com/node/q q 1.22', 'example.com/node/q_test q_test 1.22',
    ]);
    expect(world.functions.map((fn) => fn.id)).toEqual(['example.com/node/q#main.main', 'example.com/node/q.F', 'example.com/node/q.TestF', 'example.com/node/q_test.TestX']);
  });
});

describe('twins', () => {
  test('the default build owns a name; a file outside it sees its own', () => agrees({
    'os/poll.go': 'package os\nfunc Use() { wait(); new(poller).close() } //: wait -> os.wait; new(poller).close -> os.poller.close\n',
    'os/poll_windows.go': 'package os\ntype poller struct { handle int }\nfunc wait() { helper(); new(poller).close() } //: helper -> os.helper; new(poller).close -> os.poller#2.close\nfunc (p *poller) close() { p.handle = 0 } //: p.handle @ os.poller#2.handle*\n',
    'os/poll_linux.go': 'package os\ntype poller struct { fd int }\nfunc wait() {}\nfunc (p *poller) close() { p.fd = 0 } //: p.fd @ os.poller.fd*\n',
    'os/more_windows.go': 'package os\nfunc more() { wait() } //: wait -> os.wait#2\nfunc helper() {}\nfunc (s *shared) reset() {}\n',
    'os/shared.go': 'package os\ntype shared struct{}\nfunc (s *shared) reset() {}\nfunc f(s *shared) { s.reset() } //: s.reset -> os.shared.reset\n',
    'os/use_windows.go': 'package os\nfunc g(s *shared) { s.reset() } //: s.reset -> os.shared.reset#2\n',
    'os/tagged.go': '//go:build !linux || (race && go1.20)\n\npackage os\nfunc wait() {}\nfunc other() { wait() } //: wait -> os.wait#3\n',
  }));

  test('several init functions, blank functions and programs in one folder stay apart', () => {
    const world = resolve({
      'x/a.go': 'package main\nfunc init() {}\nfunc init() {}\nfunc _() {}\nfunc main() { run() }\nfunc run() {}\n',
      'x/b.go': 'package main\nfunc init() {}\nfunc _() {}\nfunc main() { run() }\nfunc run() {}\ntype T struct{}\nfunc (T) M() {}\nfunc (T) M() {}\n',
    });
    expect(world.functions.map((fn) => fn.id)).toEqual(['x.init', 'x.init#2', 'x._', 'x.main', 'x.run', 'x.init#3', 'x._#2', 'x.main#2', 'x.run#2', 'x.T.M', 'x.T.M#2']);
    const last = world.functions.find((fn) => fn.id === 'x.main#2')!;
    const statement = last.syntax!.node.body!.stmts[0]!;
    const call = statement.kind === 'ExprStmt' && statement.x.kind === 'CallExpr' && statement.x.fun.kind === 'Ident' ? statement.x.fun : undefined;
    expect(world.bodyOf(last).objectOf(call!)).toMatchObject({ id: 'x.run#2' });
  });
});

describe('who may answer an interface call', () => {
  const world = resolve({
    'm/m.go': `package m
type Store interface { Get(key string) ([]byte, error); Close() error }
type store interface { Get(key string) ([]byte, error) }
type sealed interface { Get(key string) ([]byte, error); seal() }
type memory struct{}
func (m *memory) Get(key string) ([]byte, error) { return nil, nil }
func (m *memory) Close() error { return nil }
type cached struct { Store; *memory2 }
type memory2 struct{}
func (m *memory2) seal() {}
func (c cached) Get(key string) ([]byte, error) { return nil, nil }
type other struct{}
func (other) Get(key int) ([]byte, error) { return nil, nil }
func (other) Close() error { return nil }
`,
  });
  const iface = (name: string) => ({ kind: 'named', decl: world.types.find((type) => type.name === name)!, args: [] }) as const;
  const answers = (name: string, method: string) => { const { candidates, complete } = world.implementations(iface(name), method); return [candidates.map((fn) => fn.id), complete]; };

  test('types that have every method, promoted ones included, with the same parameters', () => {
    expect(answers('Store', 'Get')).toEqual([['m.memory.Get', 'm.cached.Get'], false]);
    expect(answers('store', 'Get')).toEqual([['m.memory.Get', 'm.cached.Get'], true]);
    expect(answers('sealed', 'Get')).toEqual([['m.cached.Get'], true]);
  });
});

describe('package level', () => {
  test('variables are typed from their initialisers, in any order', () => agrees(`
import ("sync"; "errors"; "regexp")
var a, b = pair()
var c = d
var d = map[string]*T{"x": {n: 1}} //: {n: 1} = *p.T
var once sync.Once
var ErrX = errors.New("x") //: errors.New -> errors.New
var run = func() *T { once.Do(func() {}); return d["y"] } //: once.Do -> sync.Once.Do
var re = regexp.MustCompile("x")
type T struct { n int }
func pair() (*T, error) { return nil, nil }
func f() {
	_ = a.n //: a.n @ p.T.n*
	_ = c["z"].n //: c["z"].n @ p.T.n*
	run().n = 1 //: run().n @ p.T.n*
	_ = re.FindString("") //: re.FindString -> regexp.Regexp.FindString
	_ = ErrX //: ErrX = error
}`));

  test('constants: iota, repetition, arithmetic', () => agrees(`
import "time"
type state uint8
const ( idle state = iota; busy; _; gone )
const ( kb = 1 << (10 * (iota + 1)); mb )
const ( text = "a" + "b"; big = len(text) * 'A'; flag = kb > 1000 && !false; wide = 1 << 62; tick = 2 * time.Second; )
func f() {
	_ = gone //: gone # 3; gone = p.state
	_ = mb //: mb # 1048576
	_ = text //: text # "ab"
	_ = big //: big # 130
	_ = flag //: flag # true
	_ = tick //: tick = time.Duration
	_ = [...]int{kb - 1} //: kb - 1 # 1023
}`));

  test('aliases are what they name', () => agrees(`
import "sync"
type Mutex = sync.Mutex
type Box[T any] struct { v T }
type Strings = Box[string]
type Pair[T any] = map[string]Box[T]
type S struct { Mutex; s Strings; p Pair[int] }
func (b *Strings) only() {}
func f(s *S) {
	s.Lock() //: s.Lock -> sync.Mutex.Lock
	_ = s.s.v //: s.s.v = string
	_ = s.p["x"].v //: s.p["x"].v = int
}`));
});

describe('circles and chains end', () => {
  test.each([
    ['types', 'type A B\ntype B A\ntype C struct { C; *D }\ntype D struct { C; E }\ntype E interface { E; M() }\ntype G = H\ntype H = G\ntype L[T any] struct { *L[[]T] }\nfunc f(a A, c C, g G, l L[int]) { a.x(); c.y(); c.M(); g.z(); l.w() }'],
    ['constraints', 'type N[T N[T]] interface { M(T) }\nfunc F[S ~[]E, E ~[]S](s S) { s[0][0][0].x() }\nfunc G[A B, B A](a A) { a.x(); for range a {} }\nfunc f() { F(nil); F([][]int{}); G(1) }'],
    ['values', 'var a, b = b, a\nvar c = func() int { return c }()\nconst d = e\nconst e = d\ntype T [len(t)]int\nvar t T'],
    ['long chains', `var v0 = v1\n${Array.from({ length: 4000 }, (_, i) => `var v${i + 1} = v${i + 2}\ntype T${i} T${i + 1}\ntype S${i} struct { S${i + 1} }`).join('\n')}\nfunc f(s S0) { s.x() }`],
    ['long expressions', `func f() { a${'.b()'.repeat(20000)}; _ = 1${'+1'.repeat(20000)} }`],
    ['shared parts', `type T0[A any] = func(A) A\n${Array.from({ length: 50 }, (_, i) => `type T${i + 1}[A any] = T${i}[func(A) A]`).join('\n')}\nfunc g[A any](a A, f T50[A]) A { return a }\nfunc f(t T50[int]) { g(1, t); g(t, nil) }`],
  ])('%s', (_, text) => {
    const world = resolve({ 'p/p.go': `package p\n${text}\n` });
    for (const fn of world.functions) world.bodyOf(fn);
    for (const pkg of world.packages) world.initializersOf(pkg);
    for (const type of world.types) world.implementations({ kind: 'named', decl: type, args: [] }, 'M');
    expect(world.functions.length).toBeGreaterThanOrEqual(0);
  });

  test('names of the language we are written in are names like others', () => agrees(`
import "toString"
type __proto__ struct { constructor int }
func hasOwnProperty(p *__proto__) {
	p.constructor = 1 //: p.constructor @ p.__proto__.constructor*
	toString.valueOf() //: toString.valueOf -> toString.valueOf
	constructor()
}`));

  test('broken source keeps its sound parts', () => agrees(`
type T struct { n int }
func (t *T) ok() { t.n++ } //: t.n @ p.T.n*
func broken( { t.
func (t *T) after() { t.ok() } //: t.ok -> p.T.ok
`));
});

test('what the names of a line mean, and how we know', () => {
  const world = resolve({ 'p/p.go': 'package p\nimport ("sync"; "example.com/absent")\ntype T struct { guard; c *absent.Conn }\ntype guard struct { sync.RWMutex }\nfunc (t *T) f() { t.RLock(); t.c.Close() }\n' });
  expect(meaningsOf(world, 'p/p.go', 5).map(({ at, text, means, how }) => `${at.column} ${text}: ${means} (${how})`)).toEqual([
    '7 t: receiver t *p.T (declared at p/p.go:5:7)',
    '10 T: type p.T (declared at p/p.go:3:6)',
    '19 t: receiver t *p.T (declared at p/p.go:5:7)',
    '21 t.RLock: method sync.RWMutex.RLock func() (from the declarations of sync, promoted through *p.T.guard, p.guard.RWMutex)',
    '30 t: receiver t *p.T (declared at p/p.go:5:7)',
    '32 t.c: field p.T.c *example.com/absent.Conn (declared at p/p.go:3:24)',
    '34 t.c.Close: unknown (*example.com/absent.Conn is known by name, or has no such member)',
  ]);
});

test('a group on one line ends its last spec', () => agrees(`
import "time"
const ( tick = time.Second )
var (limit = time.Duration(3); late = time.Now )
func f() { _, _, _ = tick, limit, late() } //: tick = time.Duration; limit = time.Duration; late() = time.Time
`));

test('the order of the files decides nothing', () => {
  const sources = { 'a/a.go': 'package a\nimport "b"\nvar X = b.Y\nfunc F() {}\n', 'a/a2.go': 'package a\nfunc F() {}\nvar Z = X\n', 'b/b.go': 'package b\nvar Y = []string{}\n' };
  const paths = Object.keys(sources);
  const picture = (given: readonly string[]) => {
    const world = resolve(sources, given);
    return [world.functions.map((fn) => `${fn.id} ${fn.syntax!.file.path}`), world.globals.map((global) => `${global.name} ${printType(global.type)}`), world.packages.map((pkg) => pkg.path)];
  };
  expect(picture([...paths].reverse())).toEqual(picture(paths));
});
