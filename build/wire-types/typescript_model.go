// This file writes the TypeScript of structs, enums and settings.

package main

import (
	"fmt"
	"regexp"
	"strings"
)

// emitModel writes interface and gob type of each struct; those of model.Config have their own file.
func emitModel(p *Protocol, config bool) string {
	var body strings.Builder
	if !config {
		for _, e := range p.Enums {
			body.WriteString(comment(cleanDoc(e.Doc), "", ""))
			fmt.Fprintf(&body, "export type %s = ", e.Name)
			for _, v := range e.Values {
				fmt.Fprintf(&body, "%q | ", v)
			}
			body.WriteString("(string & {});\n\n")
		}
	}
	settings := settingsOf(p)
	for _, s := range p.Structs {
		if s.Config != config {
			continue
		}
		open, end := "gob.struct(", ")"
		if settings[s.Name] {
			open, end = "gob.sendingZeros(gob.struct(", "))"
		}
		body.WriteString(comment(s.Doc, "", ""))
		if len(s.Fields) == 0 {
			fmt.Fprintf(&body, "export type %s = Record<never, never>;\n", s.Name)
			fmt.Fprintf(&body, "export const %s: Type<%s> = gob.struct(%q, () => ({}));\n\n", s.Name, s.Name, s.Name)
			continue
		}
		fmt.Fprintf(&body, "export interface %s {\n", s.Name)
		for _, f := range s.Fields {
			fmt.Fprintf(&body, "  %s: %s;\n", f.Name, settingType(settings[s.Name], f.Type).TS)
		}
		fmt.Fprintf(&body, "}\nexport const %s: Type<%s> = %s%q, () => ({\n", s.Name, s.Name, open, s.Name)
		for _, f := range s.Fields {
			fmt.Fprintf(&body, "  %s: %s,\n", f.Name, settingType(settings[s.Name], f.Type).Gob)
		}
		body.WriteString("})" + end + ";\n\n")
	}
	file := "model"
	if config {
		file = "config"
	}
	return imports(p, body.String(), file) + "\n" + strings.TrimRight(body.String(), "\n") + "\n"
}

// settingsOf names model.Config and every struct it is made of.
func settingsOf(p *Protocol) map[string]bool {
	byName := map[string]*Struct{}
	for _, s := range p.Structs {
		byName[s.Name] = s
	}
	found := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		s := byName[name]
		if s == nil || found[name] {
			return
		}
		found[name] = true
		for _, f := range s.Fields {
			for _, w := range word.FindAllString(f.Type.Gob, -1) {
				visit(w)
			}
		}
	}
	visit("Config")
	return found
}

var basicPointer = regexp.MustCompile(`^gob\.pointer\((gob\.\w+)\)$`)

// settingType drops the pointer of a setting. A server's settings are pointers that are never nil, and gob does not
// send a pointer to zero: an absent setting is false, 0 or "". As a plain value it arrives as exactly that, so nobody
// can read another default from it.
func settingType(setting bool, t Type) Type {
	match := basicPointer.FindStringSubmatch(t.Gob)
	if !setting || match == nil {
		return t
	}
	return Type{TS: strings.TrimSuffix(t.TS, " | null"), Gob: match[1], Go: t.Go}
}
