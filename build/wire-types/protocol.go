package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"sort"
	"strings"
)

// Protocol is what travels, in gob's terms.
type Protocol struct {
	Version    string // of the module
	API        []Method
	Hooks      []Method
	Structs    []*Struct // sorted by name
	Enums      []*Enum
	Registered []Registered // names of concrete types inside interface values
}

// Method is a method of plugin.API or plugin.Hooks.
type Method struct {
	GoName    string
	Name      string // Go name with its leading capitals lowered
	Doc       string
	Since     string
	ID        int64 // hooks only: number of the hook
	Params    []Param
	Results   []Param
	Fails     string // "", "AppError" or "error": kind of the last result
	Prefilled bool   // hooks only: the host decodes the reply into the value it sent
}

type Param struct {
	Name     string
	Type     Type
	Variadic bool
}

// Type is a Go type in both of its TypeScript forms.
type Type struct {
	TS  string // what JavaScript sees
	Gob string // the expression that builds the gob Type
	Go  string
}

type Struct struct {
	Name   string
	GoName string
	Doc    string
	Config bool // belongs to model.Config: its own file
	Fields []Field
}

type Field struct {
	Name string
	Type Type
}

// Enum is a named string type with constants.
type Enum struct {
	Name   string
	Doc    string
	Values []string
}

type Registered struct {
	Name string
	Type Type
}

type reader struct {
	source  *Source
	structs map[*types.TypeName]*Struct
	generic map[string]*Struct
	enums   map[*types.TypeName]*Enum
	taken   map[string]string // TypeScript name → Go name
	config  bool
}

func readProtocol(source *Source) (*Protocol, error) {
	r := &reader{
		source:  source,
		structs: map[*types.TypeName]*Struct{},
		generic: map[string]*Struct{},
		enums:   map[*types.TypeName]*Enum{},
		taken:   map[string]string{"Api": "", "Hooks": "", "Registry": "", "Type": "", "Request": "", "Response": "", "Date": "", "Map": "", "Record": "", "Array": "", "Error": "", "Promise": ""},
	}
	protocol := &Protocol{Version: source.Version}
	protocol.API = r.methods("API")
	protocol.Hooks = r.methods("Hooks")
	protocol.Registered = r.registrations()
	for _, s := range r.structs {
		protocol.Structs = append(protocol.Structs, s)
	}
	for _, s := range r.generic {
		protocol.Structs = append(protocol.Structs, s)
	}
	for _, e := range r.enums {
		protocol.Enums = append(protocol.Enums, e)
	}
	sort.Slice(protocol.Structs, func(i, j int) bool { return protocol.Structs[i].Name < protocol.Structs[j].Name })
	sort.Slice(protocol.Enums, func(i, j int) bool { return protocol.Enums[i].Name < protocol.Enums[j].Name })
	return protocol, nil
}

// Methods whose wire form is not their Go signature are written by hand (plugin/client_rpc.go of the
// module does the same); their entry here says how they look in TypeScript.
var byHand = map[string]bool{
	"LoadPluginConfiguration": true, "PluginHTTP": true, "InstallPlugin": true, "UploadData": true,
	"ReceiveSharedChannelAttachmentSyncMsg": true,
	"ServeHTTP":                             true, "ServeMetrics": true, "FileWillBeUploaded": true,
}

var sinceLine = regexp.MustCompile(`(?m)^\s*Minimum server version: (\d+(?:\.\d+)*)\s*$`)
var tagLine = regexp.MustCompile(`(?m)^\s*@tag .*\n?`)

func (r *reader) methods(face string) []Method {
	object := r.source.Plugin.Types.Scope().Lookup(face)
	iface := object.Type().Underlying().(*types.Interface)
	prefilled := r.prefilled()
	var methods []Method
	var order []*types.Func
	for i := range iface.NumMethods() {
		order = append(order, iface.Method(i))
	}
	sort.Slice(order, func(i, j int) bool { return r.source.position(order[i]) < r.source.position(order[j]) })
	for _, f := range order {
		if f.Name() == "Implemented" { // answered by the runtime
			continue
		}
		signature := f.Type().(*types.Signature)
		doc := r.source.Docs[module+"/plugin."+face+"."+f.Name()]
		method := Method{GoName: f.Name(), Name: lowerLeading(f.Name()), Since: "0", Prefilled: prefilled[f.Name()]}
		if match := sinceLine.FindStringSubmatch(doc); match != nil {
			method.Since = match[1]
		}
		method.Doc = cleanDoc(doc)
		if id, ok := r.source.Plugin.Types.Scope().Lookup(f.Name() + "ID").(*types.Const); ok && face == "Hooks" {
			method.ID, _ = constant.Int64Val(id.Val())
		}
		if byHand[f.Name()] {
			method.Params = r.handParams(signature)
		} else {
			for i := range signature.Params().Len() {
				v := signature.Params().At(i)
				name := v.Name()
				if name == "c" {
					name = "context"
				}
				method.Params = append(method.Params, Param{
					Name: name, Type: r.typ(v.Type()),
					Variadic: signature.Variadic() && i == signature.Params().Len()-1,
				})
			}
		}
		results := signature.Results()
		for i := range results.Len() {
			v := results.At(i)
			if types.TypeString(v.Type(), nil) == "*net/http.Response" {
				continue
			}
			if i == results.Len()-1 {
				switch types.TypeString(types.Unalias(v.Type()), nil) {
				case "error":
					method.Fails = "error"
				case "*" + module + "/model.AppError":
					r.typ(v.Type())
					method.Fails = "AppError"
				}
				if method.Fails != "" {
					continue
				}
			}
			method.Results = append(method.Results, Param{Type: r.typ(v.Type())})
		}
		methods = append(methods, method)
	}
	return methods
}

// prefilled finds the hooks whose reply the host decodes into the original value, so that what a
// plugin leaves out stays: `_returns := &Z_MessageWillBePostedReturns{A: _args.B}`.
func (r *reader) prefilled() map[string]bool {
	found := map[string]bool{}
	for _, file := range r.source.Plugin.Syntax {
		ast.Inspect(file, func(node ast.Node) bool {
			assign, ok := node.(*ast.AssignStmt)
			if !ok || len(assign.Rhs) != 1 {
				return true
			}
			left, ok := assign.Lhs[0].(*ast.Ident)
			if !ok || left.Name != "_returns" {
				return true
			}
			address, ok := assign.Rhs[0].(*ast.UnaryExpr)
			if !ok {
				return true
			}
			literal, ok := address.X.(*ast.CompositeLit)
			if !ok || len(literal.Elts) == 0 {
				return true
			}
			name := strings.TrimSuffix(strings.TrimPrefix(types.ExprString(literal.Type), "Z_"), "Returns")
			found[name] = true
			return true
		})
	}
	return found
}

// handParams visits the wire types of a hand-written method, so that they are generated too.
func (r *reader) handParams(signature *types.Signature) []Param {
	var params []Param
	for i := range signature.Params().Len() {
		v := signature.Params().At(i)
		switch types.TypeString(v.Type(), nil) {
		case "io.Reader", "io.Writer", "net/http.ResponseWriter", "*net/http.Request", "any":
			params = append(params, Param{Name: v.Name(), Type: Type{TS: "", Go: types.TypeString(v.Type(), nil)}})
		default:
			params = append(params, Param{Name: v.Name(), Type: r.typ(v.Type())})
		}
	}
	return params
}

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
	// []any and map[string]any are what arrays and objects become by themselves.
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

func stripPointer(t types.Type) types.Type {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		return pointer.Elem()
	}
	return t
}

// typ maps a Go type to what gob puts on the wire for it.
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

func lowerLeading(name string) string {
	run := 0
	for run < len(name) && name[run] >= 'A' && name[run] <= 'Z' {
		run++
	}
	if run > 1 && run < len(name) {
		run--
	}
	return strings.ToLower(name[:run]) + name[run:]
}

func cleanDoc(doc string) string {
	doc = sinceLine.ReplaceAllString(doc, "")
	doc = tagLine.ReplaceAllString(doc, "")
	return strings.TrimSpace(doc)
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
