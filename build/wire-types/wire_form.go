// This file maps each Go type to its form on the wire, and collects the structs and enums on the way.

package main

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"sort"
	"strings"
)

func stripPointer(t types.Type) types.Type {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		return pointer.Elem()
	}
	return t
}

// typ maps a Go type to its form on the wire.
func (r *reader) typ(t types.Type) Type {
	result := r.wire(t)
	result.Go = types.TypeString(t, func(p *types.Package) string { return p.Name() })
	return result
}

func (r *reader) wire(t types.Type) Type {
	t = types.Unalias(t)
	if named, ok := t.(*types.Named); ok {
		return r.named(named)
	}
	switch t := t.(type) {
	case *types.Basic:
		return basic(t)
	case *types.Pointer:
		elem := r.wire(t.Elem())
		if elem.TS == "unknown" {
			return elem
		}
		if strings.HasSuffix(elem.TS, " | null") { // gob flattens pointers to pointers
			return elem
		}
		return Type{TS: elem.TS + " | null", Gob: "gob.pointer(" + elem.Gob + ")"}
	case *types.Slice:
		if b, ok := t.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
			return Type{TS: "Uint8Array", Gob: "gob.bytes"}
		}
		elem := r.element(t.Elem())
		return Type{TS: elem.TS + "[]", Gob: "gob.slice(" + elem.Gob + ")"}
	case *types.Array:
		elem := r.element(t.Elem())
		return Type{TS: elem.TS + "[]", Gob: fmt.Sprintf("gob.array(%d, %s)", t.Len(), elem.Gob)}
	case *types.Map:
		key, elem := r.wire(t.Key()), r.element(t.Elem())
		if key.Gob == "gob.string" {
			return Type{TS: "Record<" + key.TS + ", " + elem.TS + ">", Gob: "gob.map(gob.string, " + elem.Gob + ")"}
		}
		return Type{TS: "Map<" + key.TS + ", " + elem.TS + ">", Gob: "gob.map(" + key.Gob + ", " + elem.Gob + ")"}
	case *types.Interface:
		return Type{TS: "unknown", Gob: "gob.any"}
	}
	panic(fmt.Sprintf("no wire form for %s", t))
}

// element strips a pointer: gob cannot encode a nil element, so there never is one.
func (r *reader) element(t types.Type) Type {
	return r.wire(stripPointer(t))
}

// gob sends all sizes alike, but a value too large for the field ends the stream: the size is kept.
var basics = map[types.BasicKind]Type{
	types.Bool:    {TS: "boolean", Gob: "gob.bool"},
	types.Int:     {TS: "number", Gob: "gob.int"},
	types.Int8:    {TS: "number", Gob: "gob.int8"},
	types.Int16:   {TS: "number", Gob: "gob.int16"},
	types.Int32:   {TS: "number", Gob: "gob.int32"},
	types.Int64:   {TS: "number", Gob: "gob.int"},
	types.Uint:    {TS: "number", Gob: "gob.uint"},
	types.Uint8:   {TS: "number", Gob: "gob.uint8"},
	types.Uint16:  {TS: "number", Gob: "gob.uint16"},
	types.Uint32:  {TS: "number", Gob: "gob.uint32"},
	types.Uint64:  {TS: "number", Gob: "gob.uint"},
	types.Float32: {TS: "number", Gob: "gob.float32"},
	types.Float64: {TS: "number", Gob: "gob.float"},
	types.String:  {TS: "string", Gob: "gob.string"},
}

func basic(b *types.Basic) Type {
	if t, ok := basics[b.Kind()]; ok {
		return t
	}
	panic("no wire form for " + b.Name())
}

// Types that marshal themselves (gob.GobEncoder, encoding.BinaryMarshaler).
var opaque = map[string]Type{
	"time.Time":   {TS: "Date", Gob: "gob.time"},
	"net/url.URL": {TS: "string", Gob: "gob.url"},
}

func (r *reader) named(named *types.Named) Type {
	full := types.TypeString(named, nil)
	if t, ok := opaque[full]; ok {
		return t
	}
	if named.Obj().Pkg() != nil {
		for _, name := range []string{"GobEncode", "MarshalBinary"} {
			if object, _, _ := types.LookupFieldOrMethod(named, true, named.Obj().Pkg(), name); object != nil {
				if _, isFunc := object.(*types.Func); isFunc {
					panic(full + " marshals itself: add it to `opaque`")
				}
			}
		}
	}
	switch under := named.Underlying().(type) {
	case *types.Struct:
		s := r.structOf(named, under)
		return Type{TS: s.Name, Gob: s.Name}
	case *types.Basic:
		t := basic(under)
		if t.TS == "string" {
			if enum := r.enumOf(named); enum != nil {
				t.TS = enum.Name
			}
		}
		return t
	default:
		return r.wire(under)
	}
}

func (r *reader) enumOf(named *types.Named) *Enum {
	object := named.Obj()
	if enum, ok := r.enums[object]; ok {
		return enum
	}
	var values []string
	scope := object.Pkg().Scope()
	for _, name := range scope.Names() {
		if c, ok := scope.Lookup(name).(*types.Const); ok && types.Identical(c.Type(), named) && token.IsExported(name) {
			values = append(values, constant.StringVal(c.Val()))
		}
	}
	if len(values) == 0 {
		return nil
	}
	sort.Strings(values)
	enum := &Enum{Name: r.name(object, ""), Doc: r.source.Docs[object.Pkg().Path()+"."+object.Name()], Values: compact(values)}
	r.enums[object] = enum
	return enum
}

func (r *reader) structOf(named *types.Named, under *types.Struct) *Struct {
	object := named.Obj()
	arguments := ""
	if list := named.TypeArgs(); list != nil {
		for i := range list.Len() {
			arguments += "Of" + stripPointer(list.At(i)).(*types.Named).Obj().Name()
		}
	}
	key := types.TypeString(named, nil)
	if arguments == "" {
		if s, ok := r.structs[object]; ok {
			return s
		}
	} else if s, ok := r.generic[key]; ok {
		return s
	}
	s := &Struct{Name: r.name(object, arguments), GoName: key}
	s.Doc = cleanDoc(r.source.Docs[object.Pkg().Path()+"."+object.Name()])
	s.Config = strings.HasSuffix(r.source.Plugin.Fset.Position(object.Pos()).Filename, "/model/config.go")
	if arguments == "" {
		r.structs[object] = s
	} else {
		r.generic[key] = s
	}
	for i := range under.NumFields() {
		if field := under.Field(i); isSent(field) {
			s.Fields = append(s.Fields, Field{Name: field.Name(), Type: r.typ(field.Type())})
		}
	}
	return s
}

// isSent is gob's rule: exported, and neither func nor channel behind its pointers. An embedded
// struct travels as a field with the name of its type.
func isSent(field *types.Var) bool {
	if !field.Exported() {
		return false
	}
	t := field.Type()
	for {
		pointer, ok := t.Underlying().(*types.Pointer)
		if !ok {
			break
		}
		t = pointer.Elem()
	}
	switch t.Underlying().(type) {
	case *types.Signature, *types.Chan:
		return false
	}
	return true
}

// name finds a free TypeScript name: the Go name, with the package in front when two packages share it.
func (r *reader) name(object *types.TypeName, suffix string) string {
	name := object.Name() + suffix
	full := object.Pkg().Path() + "." + name
	if owner, ok := r.taken[name]; ok && owner != full {
		name = strings.ToUpper(object.Pkg().Name()[:1]) + object.Pkg().Name()[1:] + name
	}
	r.taken[name] = full
	return name
}

func compact(values []string) []string {
	var kept []string
	for i, v := range values {
		if i == 0 || v != values[i-1] {
			kept = append(kept, v)
		}
	}
	return kept
}
