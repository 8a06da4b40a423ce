package main

import (
	"fmt"
	"sort"
	"strings"
)

// printDifferences prints what differs between two versions of the module on the wire.
func printDifferences(from, to string) error {
	older, oldVersion, err := describe(from)
	if err != nil {
		return err
	}
	newer, newVersion, err := describe(to)
	if err != nil {
		return err
	}
	fmt.Printf("%s %s → %s\n", module, oldVersion, newVersion)
	keys := map[string]bool{}
	for key := range older {
		keys[key] = true
	}
	for key := range newer {
		keys[key] = true
	}
	var sorted []string
	for key := range keys {
		sorted = append(sorted, key)
	}
	sort.Strings(sorted)
	changes := 0
	for _, key := range sorted {
		was, had := older[key]
		is, has := newer[key]
		switch {
		case !had:
			fmt.Printf("  + %s %s\n", key, is)
		case !has:
			fmt.Printf("  - %s %s\n", key, was)
		case was != is:
			fmt.Printf("  ~ %s\n      was %s\n      is  %s\n", key, was, is)
		default:
			continue
		}
		changes++
	}
	if changes == 0 {
		fmt.Println("  nothing that travels has changed")
	}
	return nil
}

// describe flattens a version into lines: "API GetUser" → "(userID string) (*model.User, AppError)".
func describe(version string) (map[string]string, string, error) {
	source, err := loadModule(version)
	if err != nil {
		return nil, "", err
	}
	p, err := readProtocol(source)
	if err != nil {
		return nil, "", err
	}
	return flatten(p), p.Version, nil
}

func flatten(p *Protocol) map[string]string {
	lines := map[string]string{}
	for _, m := range p.API {
		lines["API "+m.GoName] = signature(m)
	}
	for _, m := range p.Hooks {
		lines["hook "+m.GoName] = fmt.Sprintf("%s id %d", signature(m), m.ID)
		if m.Prefilled {
			lines["hook "+m.GoName] += " (reply merged into the original)"
		}
	}
	for _, s := range p.Structs {
		lines["struct "+s.Name] = ""
		for _, f := range s.Fields {
			lines["struct "+s.Name+"."+f.Name] = f.Type.Go
		}
	}
	for _, r := range p.Registered {
		lines["registered "+r.Name] = r.Type.Go
	}
	return lines
}

func signature(m Method) string {
	var params, results []string
	for _, q := range m.Params {
		params = append(params, q.Name+" "+q.Type.Go)
	}
	for _, q := range m.Results {
		results = append(results, q.Type.Go)
	}
	if m.Fails != "" {
		results = append(results, m.Fails)
	}
	return fmt.Sprintf("(%s) (%s) since %s", strings.Join(params, ", "), strings.Join(results, ", "), m.Since)
}
