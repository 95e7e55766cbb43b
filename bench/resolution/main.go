// Command resolution says what the names of a module mean as go/types knows it: one JSON fact a line, each at
// the file:line:column that stands for it (columns count UTF-16 units, as Deadheat's do).
//
//	go run . [-tests] FOLDER
//
// Everything is checked from source with one table of positions, so that a declaration of the module is named by
// where it stands. Dependencies are checked without their bodies; they have to be downloaded.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// listed is what the go command says of a package.
type listed struct {
	ImportPath, Dir, ForTest string
	GoFiles                  []string
	ImportMap                map[string]string
	DepOnly, Standard        bool
	Module                   *struct{ GoVersion string }
}

// fact is one answer. Class sorts it into a row of the table; Also holds other spellings of What that are as true.
type fact struct {
	Kind   string   `json:"kind"`
	File   string   `json:"file"`
	Line   int      `json:"line"`
	Column int      `json:"column"`
	Class  string   `json:"class,omitempty"`
	What   string   `json:"what"`
	Also   []string `json:"also,omitempty"`
	Lock   string   `json:"lock,omitempty"`
	Text   string   `json:"text,omitempty"`
}

func main() {
	log.SetFlags(0)
	tests := flag.Bool("tests", false, "test files too")
	flag.Parse()
	root, err := filepath.Abs(flag.Arg(0))
	if err != nil || flag.NArg() != 1 {
		log.Fatal("usage: resolution [-tests] FOLDER")
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		log.Fatal(err)
	}
	packages, err := list(root, *tests)
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	newChecker(root, json.NewEncoder(out)).checkAll(packages)
}

// list asks for the packages of the module and all they need, dependencies first.
func list(root string, tests bool) ([]listed, error) {
	args := []string{"list", "-e", "-deps", "-json=ImportPath,Dir,ForTest,GoFiles,ImportMap,DepOnly,Standard,Module"}
	if tests {
		args = append(args, "-test")
	}
	command := exec.Command("go", append(args, "./...")...)
	command.Dir = root
	command.Stderr = os.Stderr
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	var packages []listed
	for decoder := json.NewDecoder(output); ; {
		var pkg listed
		if err := decoder.Decode(&pkg); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, pkg)
	}
	return packages, command.Wait()
}

type checker struct {
	root    string
	out     *json.Encoder
	fset    *token.FileSet
	checked map[string]*types.Package
	own     map[string]bool
	places  map[string]*lines
	// declaredAs names the type parameters of receivers as their types declare them.
	declaredAs map[*types.TypeParam]string
}

func newChecker(root string, out *json.Encoder) *checker {
	return &checker{root: root, out: out, fset: token.NewFileSet(), checked: map[string]*types.Package{"unsafe": types.Unsafe}, own: map[string]bool{}, places: map[string]*lines{}, declaredAs: map[*types.TypeParam]string{}}
}

func (c *checker) checkAll(packages []listed) {
	variants := map[string]bool{}
	for _, pkg := range packages {
		plain, _, variant := strings.Cut(pkg.ImportPath, " [")
		if !pkg.DepOnly {
			c.own[plain] = true
		}
		if variant && !pkg.DepOnly {
			variants[plain] = true
		}
	}
	for _, pkg := range packages {
		plain, _, variant := strings.Cut(pkg.ImportPath, " [")
		generated := strings.HasSuffix(plain, ".test")
		shown := !pkg.DepOnly && !generated && (variant || !variants[plain])
		if pkg.ImportPath != "unsafe" && !generated {
			c.check(pkg, plain, shown)
		}
	}
}

type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }

func (c *checker) check(pkg listed, path string, shown bool) {
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		if !filepath.IsAbs(name) {
			name = filepath.Join(pkg.Dir, name)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			log.Print(err)
			continue
		}
		file, err := parser.ParseFile(c.fset, name, text, parser.SkipObjectResolution)
		if err != nil && shown {
			log.Print(err)
		}
		if file == nil {
			continue
		}
		files = append(files, file)
		if !pkg.DepOnly {
			c.places[name] = newLines(text)
		}
	}
	info := &types.Info{}
	if shown {
		info = &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		}
	}
	complaints := 0
	config := types.Config{
		IgnoreFuncBodies: !shown,
		Sizes:            types.SizesFor("gc", "amd64"),
		Importer: importFunc(func(path string) (*types.Package, error) {
			if mapped, ok := pkg.ImportMap[path]; ok {
				path = mapped
			}
			if found := c.checked[path]; found != nil {
				return found, nil
			}
			return nil, fmt.Errorf("%s is not at hand", path)
		}),
		Error: func(err error) {
			if complaints++; shown && complaints <= 3 {
				log.Print(err)
			}
		},
	}
	if pkg.Module != nil && pkg.Module.GoVersion != "" {
		config.GoVersion = "go" + pkg.Module.GoVersion
	}
	result, _ := config.Check(path, c.fset, files, info)
	c.checked[pkg.ImportPath] = result
	if shown {
		for _, file := range files {
			(&reader{checker: c, info: info, pkg: result}).file(file)
		}
	}
}

func (c *checker) isOwn(pkg *types.Package) bool { return pkg != nil && c.own[pkg.Path()] }

// place is where something of the module stands; false for everything outside.
func (c *checker) place(pos token.Pos) (file string, line, column int, ok bool) {
	if !pos.IsValid() {
		return "", 0, 0, false
	}
	at := c.fset.PositionFor(pos, false)
	known := c.places[at.Filename]
	if known == nil {
		return "", 0, 0, false
	}
	relative, err := filepath.Rel(c.root, at.Filename)
	if err != nil {
		return "", 0, 0, false
	}
	return filepath.ToSlash(relative), at.Line, known.column(at), true
}

// lines counts columns in UTF-16 units.
type lines struct {
	text  []byte
	ascii bool
}

func newLines(text []byte) *lines {
	for _, b := range text {
		if b >= 0x80 {
			return &lines{text: text}
		}
	}
	return &lines{ascii: true}
}

func (l *lines) column(at token.Position) int {
	if l.ascii {
		return at.Column
	}
	column := 1
	for _, r := range string(l.text[at.Offset-(at.Column-1) : at.Offset]) {
		column++
		if r > 0xffff {
			column++
		}
	}
	return column
}
