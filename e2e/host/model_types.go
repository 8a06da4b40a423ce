// This file encodes and decodes the structs of the module by name, and lists its methods.

package main

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/mattermost/mattermost/server/public/plugin"
)

// modelTypes can be encoded and decoded by name, to compare both codecs without a plugin in between.
var modelTypes = map[string]reflect.Type{}

func init() {
	// Every struct the API and the hooks name.
	for _, face := range []reflect.Type{reflect.TypeFor[plugin.API](), reflect.TypeFor[plugin.Hooks]()} {
		for i := range face.NumMethod() {
			method := face.Method(i).Type
			for p := range method.NumIn() {
				addType(method.In(p))
			}
			for r := range method.NumOut() {
				addType(method.Out(r))
			}
		}
	}
}

// arities says which methods an interface of the module has, and how many parameters each.
func arities(face reflect.Type) map[string]int {
	found := map[string]int{}
	for i := range face.NumMethod() {
		found[face.Method(i).Name] = face.Method(i).Type.NumIn()
	}
	return found
}

func addType(t reflect.Type) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && strings.HasPrefix(t.String(), "model.") {
		modelTypes[strings.TrimPrefix(t.String(), "model.")] = t
	}
}

// encode writes two values of a type on one stream: with definitions, and without.
func encode(c command) (any, error) {
	t, ok := modelTypes[c.Type]
	if !ok {
		return nil, fmt.Errorf("no type %s", c.Type)
	}
	var stream bytes.Buffer
	encoder := gob.NewEncoder(&stream)
	var values []any
	for i := range 2 {
		value := reflect.New(t)
		fill(value.Elem(), c.Seed+i*50, 0)
		values = append(values, toFields(value))
		if err := encoder.EncodeValue(value); err != nil {
			return nil, err
		}
	}
	return map[string]any{"hex": hex.EncodeToString(stream.Bytes()), "values": values}, nil
}

func decode(c command) (any, error) {
	t, ok := modelTypes[c.Type]
	if !ok {
		return nil, fmt.Errorf("no type %s", c.Type)
	}
	stream, err := hex.DecodeString(c.Hex)
	if err != nil {
		return nil, err
	}
	decoder := gob.NewDecoder(bytes.NewReader(stream))
	values := []any{}
	for {
		value := reflect.New(t)
		if err := decoder.DecodeValue(value); err == io.EOF {
			return values, nil
		} else if err != nil {
			return nil, err
		}
		values = append(values, toFields(value))
	}
}
