package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
	// Keeps the module whose types are read in go.mod.
	_ "github.com/mattermost/mattermost/server/public/plugin"
)

// Source is one version of the official module, type-checked.
type Source struct {
	Version string
	Plugin  *packages.Package
	Docs    map[string]string // doc comment by "pkgpath.Type" and "pkgpath.Interface.Method"
}

// loadModule type-checks the module at a version; "" is the version in go.mod beside this program.
func loadModule(version string) (*Source, error) {
	folder := "."
	if version != "" {
		probe, err := os.MkdirTemp("", "wire-types")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(probe)
		if err := requireVersion(probe, version); err != nil {
			return nil, err
		}
		folder = probe
	}
	config := &packages.Config{
		Dir: folder,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes |
			packages.NeedTypesInfo | packages.NeedImports | packages.NeedModule,
	}
	loaded, err := packages.Load(config, module+"/plugin", module+"/model", module+"/shared/mlog")
	if err != nil {
		return nil, err
	}
	source := &Source{Docs: map[string]string{}}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("%s: %v", p.PkgPath, p.Errors[0])
		}
		if p.PkgPath == module+"/plugin" {
			source.Plugin = p
			source.Version = p.Module.Version
		}
		collectDocs(p, source.Docs)
	}
	return source, nil
}

func requireVersion(folder, version string) error {
	program := "package probe\n\nimport _ \"" + module + "/plugin\"\n"
	if err := os.WriteFile(filepath.Join(folder, "probe.go"), []byte(program), 0o644); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"mod", "init", "probe"},
		{"get", module + "@" + version},
		{"mod", "tidy"},
	} {
		command := exec.Command("go", args...)
		command.Dir = folder
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("go %s: %s", strings.Join(args, " "), output)
		}
	}
	return nil
}

func collectDocs(p *packages.Package, docs map[string]string) {
	for _, file := range p.Syntax {
		for _, declaration := range file.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range general.Specs {
				typeSpec, ok := spec.(*ast.TypeSpec)
				if !ok {
					continue
				}
				name := p.PkgPath + "." + typeSpec.Name.Name
				doc := typeSpec.Doc
				if doc == nil && len(general.Specs) == 1 {
					doc = general.Doc
				}
				docs[name] = doc.Text()
				if face, ok := typeSpec.Type.(*ast.InterfaceType); ok {
					for _, method := range face.Methods.List {
						for _, ident := range method.Names {
							docs[name+"."+ident.Name] = method.Doc.Text()
						}
					}
				}
			}
		}
	}
}

// position sorts methods in the order of the source file, which is the order readers know.
func (s *Source) position(object types.Object) int {
	return s.Plugin.Fset.Position(object.Pos()).Offset
}
