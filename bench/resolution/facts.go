package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"log"
	"strings"
)

// reader writes down the facts of one file.
type reader struct {
	*checker
	info *types.Info
	pkg  *types.Package
}

func (r *reader) file(file *ast.File) {
	signatures := map[*ast.FuncType]bool{}
	for _, decl := range file.Decls {
		ast.Inspect(decl, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.FuncType:
				// The parameters of a mere type are no variables.
				return signatures[n]
			case *ast.FuncLit:
				signatures[n.Type] = true
			case *ast.GenDecl:
				// Constants and types do nothing when the program runs.
				return n.Tok == token.VAR
			case *ast.FuncDecl:
				signatures[n.Type] = true
				r.rename(n)
			case *ast.CallExpr:
				r.call(n)
			case *ast.SelectorExpr:
				r.field(n)
			case *ast.Ident:
				if v, ok := r.info.Defs[n].(*types.Var); ok && n.Name != "_" {
					r.local(n.Pos(), v)
				}
			case *ast.CaseClause:
				if v, ok := r.info.Implicits[n].(*types.Var); ok {
					r.local(n.Pos(), v)
				}
			case *ast.GoStmt:
				r.spawn(n)
			case *ast.SendStmt:
				r.channel("send", n.Chan, start(n.Chan))
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					r.channel("receive", n.X, n.Pos())
				}
			case *ast.RangeStmt:
				if _, ok := core(r.info.TypeOf(n.X)).(*types.Chan); ok {
					r.channel("range", n.X, start(n.X))
				}
			}
			return true
		})
	}
}

// A method's own names for the parameters of its receiver's type stand for the declared ones.
func (r *reader) rename(decl *ast.FuncDecl) {
	function, ok := r.info.Defs[decl.Name].(*types.Func)
	if !ok || function.Signature().Recv() == nil {
		return
	}
	receiver := function.Signature().Recv().Type()
	if pointer, ok := types.Unalias(receiver).(*types.Pointer); ok {
		receiver = pointer.Elem()
	}
	if named, ok := types.Unalias(receiver).(*types.Named); ok {
		for i := range function.Signature().RecvTypeParams().Len() {
			r.declaredAs[function.Signature().RecvTypeParams().At(i)] = named.Origin().TypeParams().At(i).Obj().Name()
		}
	}
}

func (r *reader) emit(pos token.Pos, f fact) {
	var ok bool
	if f.File, f.Line, f.Column, ok = r.place(pos); !ok {
		return
	}
	if err := r.out.Encode(f); err != nil {
		log.Fatal(err)
	}
}

// A call is named by its closing parenthesis: no two calls share one.
func (r *reader) call(call *ast.CallExpr) {
	if r.info.Types[call].Value != nil {
		return
	}
	what, class, function := r.callee(call.Fun)
	r.emit(call.Rparen, fact{Kind: "call", Class: class, What: what, Also: r.holders(call.Fun), Text: text(call.Fun)})
	if class == "builtin" && what == "builtin.close" && len(call.Args) == 1 {
		r.channel("close", call.Args[0], call.Rparen)
	}
	if function == nil {
		return
	}
	if name := fullName(function); lockOperations[name] != "" {
		if selector, ok := plain(call.Fun).(*ast.SelectorExpr); ok {
			if selection := r.info.Selections[selector]; selection != nil && selection.Kind() == types.MethodVal {
				r.emit(call.Rparen, fact{Kind: "lock", What: lockOperations[name], Lock: r.promoted(selector, selection), Text: text(call.Fun)})
			}
		}
	}
}

var lockOperations = map[string]string{
	"sync.Mutex.Lock": "acquire", "sync.Mutex.Unlock": "release", "sync.Mutex.TryLock": "try",
	"sync.RWMutex.Lock": "acquire", "sync.RWMutex.Unlock": "release", "sync.RWMutex.TryLock": "try",
	"sync.RWMutex.RLock": "acquire shared", "sync.RWMutex.RUnlock": "release shared", "sync.RWMutex.TryRLock": "try shared",
	"sync.Locker.Lock": "acquire", "sync.Locker.Unlock": "release",
}

// callee says what a call's function is: static (with where it is declared), interface, dynamic, builtin, conversion.
func (r *reader) callee(fun ast.Expr) (what, class string, function *types.Func) {
	if r.info.Types[fun].IsType() {
		return "conversion", "conversion", nil
	}
	fun = plain(fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		if r.info.Types[x.Index].IsType() {
			fun = plain(x.X)
		}
	case *ast.IndexListExpr:
		fun = plain(x.X)
	}
	var name *ast.Ident
	switch x := fun.(type) {
	case *ast.Ident:
		name = x
	case *ast.SelectorExpr:
		name = x.Sel
	}
	switch object := r.info.Uses[name].(type) {
	case *types.Func:
		class := "static outside"
		if receiver := object.Signature().Recv(); receiver != nil && types.IsInterface(receiver.Type()) {
			class = "interface"
		} else if r.isOwn(object.Pkg()) {
			class = "static"
		}
		return fullName(object), class, object
	case *types.Builtin:
		if object.Pkg() == types.Unsafe {
			return "unsafe." + object.Name(), "builtin", nil
		}
		return "builtin." + object.Name(), "builtin", nil
	}
	return "dynamic", "dynamic", nil
}

// holders spells a method of the outside by each type that has it on the way from the operand: the table of the standard
// library lists what a type has, wherever it has it from.
func (r *reader) holders(fun ast.Expr) []string {
	selector, ok := plain(fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	selection := r.info.Selections[selector]
	if selection == nil {
		// With a package absent, a conversion to one of its types reads as a call of that name; neither does anything.
		if name, ok := r.info.Uses[selector.Sel].(*types.TypeName); ok && !r.isOwn(name.Pkg()) {
			return []string{typeName(name)}
		}
		return nil
	}
	if selection.Kind() != types.MethodVal || r.isOwn(selection.Obj().Pkg()) {
		return nil
	}
	var names []string
	index := selection.Index()
	for step := range index {
		holder := selection.Recv()
		if step > 0 {
			_, field := walk(selection.Recv(), index[:step])
			holder = field.Type()
		}
		for range 2 {
			named, ok := types.Unalias(holder).(*types.Named)
			if ok {
				names = append(names, typeName(named.Obj())+"."+selector.Sel.Name)
			}
			names = append(names, embeddedHolders(holder, selector.Sel.Name)...)
			pointer, ok := types.Unalias(holder).(*types.Pointer)
			if !ok {
				break
			}
			holder = pointer.Elem()
		}
	}
	return names
}

// embeddedHolders spells a method by each named interface an interface embeds.
func embeddedHolders(holder types.Type, method string) []string {
	face, ok := holder.Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	var names []string
	for i := range face.NumEmbeddeds() {
		if named, ok := types.Unalias(face.EmbeddedType(i)).(*types.Named); ok {
			names = append(append(names, typeName(named.Obj())+"."+method), embeddedHolders(named, method)...)
		}
	}
	return names
}

func (r *reader) field(selector *ast.SelectorExpr) {
	selection := r.info.Selections[selector]
	if selection == nil || selection.Kind() != types.FieldVal {
		return
	}
	owner, field := walk(selection.Recv(), selection.Index())
	class := "outside"
	if r.isOwn(field.Pkg()) {
		class = "own"
	}
	r.emit(selector.Sel.Pos(), fact{Kind: "field", Class: class, What: r.fieldName(owner, field), Text: text(selector)})
}

// walk follows field indices and answers the last field with the type that declares it.
func walk(from types.Type, index []int) (types.Type, *types.Var) {
	owner := from
	var field *types.Var
	for _, i := range index {
		owner = from
		if pointer, ok := from.Underlying().(*types.Pointer); ok {
			owner = pointer.Elem()
		}
		field = core(owner).(*types.Struct).Field(i)
		from = field.Type()
	}
	return owner, field
}

func (r *reader) fieldName(owner types.Type, field *types.Var) string {
	if file, line, column, ok := r.place(field.Pos()); ok {
		return fmt.Sprintf("%s at %s:%d:%d", field.Name(), file, line, column)
	}
	if named, ok := types.Unalias(owner).(*types.Named); ok {
		return typeName(named.Obj()) + "." + field.Name()
	}
	return "field " + field.Name()
}

func (r *reader) local(pos token.Pos, v *types.Var) {
	if v.IsField() || v.Parent() == nil && v.Pkg() == nil || v.Parent() == r.pkg.Scope() {
		return
	}
	r.emit(pos, fact{Kind: "local", What: r.typeText(v.Type(), false), Also: []string{r.typeText(v.Type(), true)}, Text: v.Name()})
}

func (r *reader) spawn(stmt *ast.GoStmt) {
	if literal, ok := plain(stmt.Call.Fun).(*ast.FuncLit); ok {
		file, line, column, _ := r.place(literal.Pos())
		r.emit(stmt.Call.Rparen, fact{Kind: "go", Class: "literal", What: fmt.Sprintf("%s:%d:%d", file, line, column), Text: "func"})
		return
	}
	what, class, _ := r.callee(stmt.Call.Fun)
	r.emit(stmt.Call.Rparen, fact{Kind: "go", Class: class, What: what, Text: text(stmt.Call.Fun)})
}

func (r *reader) channel(direction string, channel ast.Expr, pos token.Pos) {
	r.emit(pos, fact{Kind: "channel", Class: direction, What: r.declared(channel), Text: text(channel)})
}

// promoted names the lock a method is called on: the last embedded field on the way, or else the operand.
func (r *reader) promoted(selector *ast.SelectorExpr, selection *types.Selection) string {
	index := selection.Index()
	if len(index) > 1 {
		return r.fieldName(walk(selection.Recv(), index[:len(index)-1]))
	}
	return r.declared(selector.X)
}

// declared names the declaration of what an expression denotes, as far as it is written there.
func (r *reader) declared(expr ast.Expr) string {
	switch x := plain(expr).(type) {
	case *ast.Ident:
		return r.variable(r.info.ObjectOf(x))
	case *ast.SelectorExpr:
		if selection := r.info.Selections[x]; selection != nil {
			if selection.Kind() == types.FieldVal {
				return r.fieldName(walk(selection.Recv(), selection.Index()))
			}
			return "method " + x.Sel.Name
		}
		return r.variable(r.info.Uses[x.Sel])
	case *ast.StarExpr:
		return r.declared(x.X)
	case *ast.UnaryExpr:
		if x.Op == token.ARROW {
			return "<-" + r.declared(x.X)
		}
		return r.declared(x.X)
	case *ast.IndexExpr:
		return r.declared(x.X) + "[]"
	case *ast.SliceExpr:
		return r.declared(x.X)
	case *ast.TypeAssertExpr:
		return r.declared(x.X)
	case *ast.CallExpr:
		what, _, _ := r.callee(x.Fun)
		return "call " + what
	}
	return "expression"
}

func (r *reader) variable(object types.Object) string {
	if object == nil {
		return "expression"
	}
	if file, line, column, ok := r.place(object.Pos()); ok {
		return fmt.Sprintf("%s at %s:%d:%d", object.Name(), file, line, column)
	}
	if object.Pkg() == nil {
		return object.Name()
	}
	return object.Pkg().Path() + "." + object.Name()
}

func plain(expr ast.Expr) ast.Expr { return ast.Unparen(expr) }

func start(expr ast.Expr) token.Pos { return plain(expr).Pos() }

// core is the structure behind names and type parameters.
func core(t types.Type) types.Type {
	if parameter, ok := types.Unalias(t).(*types.TypeParam); ok {
		var found types.Type
		constraint, _ := parameter.Constraint().Underlying().(*types.Interface)
		for i := 0; constraint != nil && i < constraint.NumEmbeddeds(); i++ {
			if union, ok := constraint.EmbeddedType(i).(*types.Union); ok && union.Len() == 1 {
				found = union.Term(0).Type().Underlying()
			} else if !ok {
				found = constraint.EmbeddedType(i).Underlying()
			}
		}
		if found != nil {
			return found
		}
	}
	return t.Underlying()
}

func fullName(function *types.Func) string {
	function = function.Origin()
	prefix := ""
	if function.Pkg() != nil {
		prefix = function.Pkg().Path() + "."
	}
	if receiver := function.Signature().Recv(); receiver != nil {
		t := types.Unalias(receiver.Type())
		if pointer, ok := t.(*types.Pointer); ok {
			t = types.Unalias(pointer.Elem())
		}
		if named, ok := t.(*types.Named); ok {
			return prefix + named.Obj().Name() + "." + function.Name()
		}
		return "interface." + function.Name()
	}
	return prefix + function.Name()
}

func text(expr ast.Expr) string {
	written := types.ExprString(expr)
	if cut := strings.IndexByte(written, '\n'); cut >= 0 {
		written = written[:cut]
	}
	if len(written) > 60 {
		written = written[:60]
	}
	return strings.ToValidUTF8(written, "?")
}
