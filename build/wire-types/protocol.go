// This file reads the methods of the API and of the hooks from the source of the module.

package main

import (
	"go/ast"
	"go/constant"
	"go/types"
	"regexp"
	"sort"
	"strings"
)

// Protocol lists the methods and types that travel, as gob encodes them.
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
	TS  string // the type in TypeScript
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

// prefilled finds the hooks whose reply the host decodes into the original value, so that a field
// that the plugin leaves out stays: `_returns := &Z_MessageWillBePostedReturns{A: _args.B}`.
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
