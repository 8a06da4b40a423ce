// Command wire-types writes server/runtime/mattermost/wire/*.gen.ts from the official Go module: every
// struct that can travel between a Mattermost server and a plugin, every API method, every hook. And
// docs/server-versions.md: what older servers lack.
//
//	go run .                      write the files
//	go run . -check               exit 1 and name the files that are stale
//	go run . -diff v0.4.3         print what differs between that module version and the one in go.mod
//	go run . -diff v0.4.3 -to v0.4.4
//
// It reads the module's own Go types (go/types) and doc comments, nothing else.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

const module = "github.com/mattermost/mattermost/server/public"

func main() {
	out := flag.String("out", "../../server/runtime/mattermost/wire", "folder of the generated files")
	check := flag.Bool("check", false, "write nothing; fail when a file would change")
	from := flag.String("diff", "", "module version to compare with")
	to := flag.String("to", "", "second module version for -diff (default: the one in go.mod)")
	flag.Parse()

	var err error
	switch {
	case *from != "":
		err = printDifferences(*from, *to)
	case *check:
		err = checkFiles(*out)
	default:
		err = writeFiles(*out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "wire-types:", err)
		os.Exit(1)
	}
}

func generate() (map[string]string, error) {
	source, err := loadModule("")
	if err != nil {
		return nil, err
	}
	protocol, err := readProtocol(source)
	if err != nil {
		return nil, err
	}
	files := emitTypeScript(protocol)
	files[versionsPage], err = printVersions(protocol)
	return files, err
}

func writeFiles(folder string) error {
	files, err := generate()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(folder, name)
		if old, err := os.ReadFile(path); err == nil && string(old) == text {
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", path)
	}
	return nil
}

func checkFiles(folder string) error {
	files, err := generate()
	if err != nil {
		return err
	}
	var stale []string
	for name, text := range files {
		if old, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(old) != text {
			stale = append(stale, name)
		}
	}
	if len(stale) > 0 {
		sort.Strings(stale)
		return fmt.Errorf("stale: %s. Run: npm run generate", strings.Join(stale, ", "))
	}
	fmt.Println("generated wire types are current")
	return nil
}
