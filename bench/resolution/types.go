package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// typeText writes a type so that both sides write equal types equally: aliases opened, local types by name alone,
// interfaces by the names of their methods. With foreign set, aliases declared outside the module stay: without that
// declaration at hand the alias's own name is all there is to know.
func (c *checker) typeText(t types.Type, foreign bool) string {
	text := func(t types.Type) string { return c.typeText(t, foreign) }
	switch t := t.(type) {
	case *types.Alias:
		if foreign && t.Obj().Pkg() != nil && !c.isOwn(t.Obj().Pkg()) {
			return typeName(t.Obj()) + c.arguments(t.TypeArgs(), foreign)
		}
		return text(t.Rhs())
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return "unsafe.Pointer"
		}
		return types.Typ[t.Kind()].Name()
	case *types.Named:
		return typeName(t.Obj()) + c.arguments(t.TypeArgs(), foreign)
	case *types.TypeParam:
		if name, ok := c.declaredAs[t]; ok {
			return name
		}
		return t.Obj().Name()
	case *types.Pointer:
		return "*" + text(t.Elem())
	case *types.Slice:
		return "[]" + text(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), text(t.Elem()))
	case *types.Map:
		return "map[" + text(t.Key()) + "]" + text(t.Elem())
	case *types.Chan:
		return map[types.ChanDir]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()] + text(t.Elem())
	case *types.Signature:
		var parameters, results []string
		for i := range t.Params().Len() {
			parameter := text(t.Params().At(i).Type())
			if t.Variadic() && i == t.Params().Len()-1 {
				parameter = "..." + strings.TrimPrefix(parameter, "[]")
			}
			parameters = append(parameters, parameter)
		}
		for i := range t.Results().Len() {
			results = append(results, text(t.Results().At(i).Type()))
		}
		return "func(" + strings.Join(parameters, ", ") + ") (" + strings.Join(results, ", ") + ")"
	case *types.Struct:
		var fields []string
		for i := range t.NumFields() {
			fields = append(fields, t.Field(i).Name()+" "+text(t.Field(i).Type()))
		}
		return "struct{" + strings.Join(fields, "; ") + "}"
	case *types.Interface:
		var methods []string
		for i := range t.NumMethods() {
			methods = append(methods, t.Method(i).Name())
		}
		slices.Sort(methods)
		return "interface{" + strings.Join(methods, "; ") + "}"
	}
	return t.String()
}

func (c *checker) arguments(list *types.TypeList, foreign bool) string {
	if list.Len() == 0 {
		return ""
	}
	var arguments []string
	for i := range list.Len() {
		arguments = append(arguments, c.typeText(list.At(i), foreign))
	}
	return "[" + strings.Join(arguments, ", ") + "]"
}

func typeName(object *types.TypeName) string {
	if object.Pkg() == nil {
		return object.Name()
	}
	if object.Parent() != object.Pkg().Scope() {
		return "local " + object.Name()
	}
	return object.Pkg().Path() + "." + object.Name()
}
