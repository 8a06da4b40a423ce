// This file writes the comments and imports that every generated file has.

package main

import (
	"fmt"
	"regexp"
	"strings"
)

func since(m Method) string {
	if m.Since == "0" {
		return ""
	}
	return "@since Mattermost " + m.Since
}

var notReference = regexp.MustCompile(`"[^"]*"|^\s*\w+\??:`)
var word = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// imports lists what the body uses of the other generated files and of the hand-written ones.
func imports(p *Protocol, body, file string) string {
	used := map[string]bool{}
	for _, line := range strings.Split(body, "\n") {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(text, "*") || strings.HasPrefix(text, "/*") {
			continue
		}
		for _, w := range word.FindAllString(notReference.ReplaceAllString(line, ""), -1) {
			used[w] = true
		}
	}
	values, typesOnly := map[string][]string{}, map[string][]string{}
	for _, s := range p.Structs {
		home := "model"
		if s.Config {
			home = "config"
		}
		if used[s.Name] && home != file {
			values[home] = append(values[home], s.Name)
		}
	}
	for _, e := range p.Enums {
		if used[e.Name] && file != "model" {
			typesOnly["model"] = append(typesOnly["model"], e.Name)
		}
	}
	var text strings.Builder
	if used["gob"] {
		text.WriteString("import * as gob from \"../../gob/index.ts\";\n")
	}
	if file == "model" || file == "config" {
		text.WriteString("import type { Type } from \"../../gob/index.ts\";\n")
	}
	var shapes []string
	for _, name := range []string{"ApiMethod", "Awaitable", "ByteSource", "HookMethod", "Input", "RequestContext"} {
		if used[name] {
			shapes = append(shapes, name)
		}
	}
	if len(shapes) > 0 {
		fmt.Fprintf(&text, "import type { %s } from \"./shapes.ts\";\n", strings.Join(shapes, ", "))
	}
	for _, home := range []string{"config", "model"} {
		var list []string
		list = append(list, values[home]...)
		for _, name := range typesOnly[home] {
			list = append(list, "type "+name)
		}
		if len(list) > 0 {
			fmt.Fprintf(&text, "import {\n  %s,\n} from \"./%s.gen.ts\";\n", strings.Join(list, ",\n  "), home)
		}
	}
	return text.String()
}

func comment(doc, last, indent string) string {
	doc = strings.ReplaceAll(doc, "*/", "*\\/")
	lines := []string{}
	if doc != "" {
		lines = strings.Split(doc, "\n")
	}
	if last != "" {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, last)
	}
	switch len(lines) {
	case 0:
		return ""
	case 1:
		return indent + "/** " + lines[0] + " */\n"
	}
	var text strings.Builder
	text.WriteString(indent + "/**\n")
	for _, line := range lines {
		text.WriteString(strings.TrimRight(indent+" * "+line, " ") + "\n")
	}
	text.WriteString(indent + " */\n")
	return text.String()
}
