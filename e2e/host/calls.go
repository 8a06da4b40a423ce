// This file calls methods of the API and hooks of the plugin, with arguments from JSON.

package main

import (
	"bytes"
	"fmt"
	"io"
	"reflect"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// api calls a method of the world as the plugin would.
func (h *host) api(c command) (any, error) {
	method, ok := h.relay.methods[c.Method]
	if !ok {
		return nil, fmt.Errorf("the world has no method %s", c.Method)
	}
	in, err := arguments(method.Type(), c.Args, 0)
	if err != nil {
		return nil, err
	}
	return results(method.Call(in)), nil
}

// hook calls a hook, once or to measure it. A Context that is not given as the first argument is made up.
func (h *host) hook(c command) (any, error) {
	hooks := h.world.hooks()
	if hooks == nil {
		return nil, fmt.Errorf("the plugin is not active")
	}
	method := reflect.ValueOf(hooks).MethodByName(c.Name)
	if !method.IsValid() {
		return nil, fmt.Errorf("no hook %s", c.Name)
	}
	var in []reflect.Value
	var sent []any
	if c.Seed != 0 {
		for i := range method.Type().NumIn() {
			value := reflect.New(method.Type().In(i)).Elem()
			fill(value, c.Seed+10*i, 0)
			in = append(in, value)
			// Now: a hook may change what it is given.
			sent = append(sent, toFields(value))
		}
	} else {
		withContext := method.Type().NumIn() > 0 && method.Type().In(0) == reflect.TypeFor[*plugin.Context]()
		given := 0
		if withContext && !c.SkipContext && len(c.Args) == method.Type().NumIn()-1 {
			in = append(in, reflect.ValueOf(&plugin.Context{RequestId: model.NewId()}))
			given = 1
		}
		rest, err := arguments(method.Type(), c.Args, given)
		if err != nil {
			return nil, err
		}
		in = append(in, rest...)
	}
	var output *bytes.Buffer
	for i := range in {
		if _, ok := in[i].Interface().(io.Writer); ok {
			output = in[i].Interface().(*bytes.Buffer)
		}
	}
	if c.Times > 0 {
		return measure(c.Parallel, c.Times, 0, func() (int64, string, error) {
			method.Call(in)
			return 0, "", nil
		}), nil
	}
	answer := map[string]any{"sent": sent, "results": results(method.Call(in))}
	if output != nil {
		answer["output"] = toFields(reflect.ValueOf(output.Bytes()))
	}
	return answer, nil
}

func arguments(method reflect.Type, args []any, from int) ([]reflect.Value, error) {
	if len(args)+from != method.NumIn() {
		return nil, fmt.Errorf("%d arguments, wanted %d", len(args)+from, method.NumIn())
	}
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		t := method.In(i + from)
		switch t {
		case reflect.TypeFor[io.Reader]():
			data := reflect.New(reflect.TypeFor[[]byte]()).Elem()
			if err := fromFields(data, arg); err != nil {
				return nil, err
			}
			in[i] = reflect.ValueOf(bytes.NewReader(data.Bytes()))
			continue
		case reflect.TypeFor[io.Writer]():
			in[i] = reflect.ValueOf(&bytes.Buffer{})
			continue
		}
		in[i] = reflect.New(t).Elem()
		if err := fromFields(in[i], arg); err != nil {
			return nil, err
		}
	}
	return in, nil
}

func results(out []reflect.Value) []any {
	list := make([]any, len(out))
	for i, value := range out {
		list[i] = toFields(value)
	}
	return list
}

func fieldsOf(value any) any { return toFields(reflect.ValueOf(value)) }
