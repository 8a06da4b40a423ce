// This file reads which concrete types the module registers with gob, and under which names.

package main

import (
	"go/ast"
	"go/constant"
	"go/types"
	"sort"
	"strings"
)

// registrations reads the gob.Register calls of the plugin package.
func (r *reader) registrations() []Registered {
	var found []Registered
	info := r.source.Plugin.TypesInfo
	for _, file := range r.source.Plugin.Syntax {
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			selector, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			used, ok := info.Uses[selector.Sel].(*types.Func)
			if !ok || used.Pkg() == nil || used.Pkg().Path() != "encoding/gob" {
				return true
			}
			switch used.Name() {
			case "RegisterName":
				name := constant.StringVal(info.Types[call.Args[0]].Value)
				found = append(found, Registered{Name: name, Type: r.typ(stripPointer(info.TypeOf(call.Args[1])))})
			case "Register":
				t := info.TypeOf(call.Args[0])
				found = append(found, Registered{Name: registeredName(t), Type: r.typ(stripPointer(t))})
			}
			return true
		})
	}
	// gob turns arrays and objects into []any and map[string]any by itself.
	var named []Registered
	for _, f := range found {
		if f.Name != "[]interface {}" && f.Name != "map[string]interface {}" {
			named = append(named, f)
		}
	}
	sort.Slice(named, func(i, j int) bool { return named[i].Name < named[j].Name })
	return named
}

// registeredName is the rule of gob.Register: full import path for named types, short package names
// for pointers and unnamed types (a quirk kept for compatibility).
func registeredName(t types.Type) string {
	short := func(p *types.Package) string { return p.Name() }
	if named, ok := types.Unalias(t).(*types.Named); ok {
		return types.TypeString(named, func(p *types.Package) string { return p.Path() })
	}
	text := types.TypeString(t, short)
	text = strings.ReplaceAll(text, "[]any", "[]interface {}")
	return strings.ReplaceAll(text, "map[string]any", "map[string]interface {}")
}
