package main

import (
	"fmt"
	"io"
	"reflect"
	"sync"

	"github.com/mattermost/mattermost/server/public/model"
)

// relay is the plugin.API that a plugin gets. It counts each call and answers it with the first of these: an ordered
// fault, the echo (made-up results, recorded), the method of world with the same name.
type relay struct {
	world   *world
	methods map[string]reflect.Value // of world

	mu       sync.Mutex
	counts   map[string]int
	faults   map[string]*fault
	echo     bool
	seed     int
	recorded []record
}

// fault makes the next calls of a method fail.
type fault struct {
	Times   int    // how often; below zero: always
	Status  int    // of the AppError
	Message string // of the AppError or error
	Odd     string // in place of an error: see oddAnswer
}

// record is one call in echo mode.
type record struct {
	Method  string `json:"method"`
	Args    []any  `json:"args"`
	Results []any  `json:"results"`
}

func newRelay(w *world) *relay {
	r := &relay{world: w, methods: map[string]reflect.Value{}, counts: map[string]int{}, faults: map[string]*fault{}}
	value := reflect.ValueOf(w)
	self := reflect.TypeOf(r)
	for i := range value.NumMethod() {
		name := value.Type().Method(i).Name
		own, ok := self.MethodByName(name)
		if !ok {
			continue
		}
		// Both have the receiver as first parameter of the method expression.
		for p := 1; p < own.Type.NumIn(); p++ {
			if own.Type.In(p) != value.Method(i).Type().In(p-1) {
				panic("world." + name + " does not have the signature of the API")
			}
		}
		r.methods[name] = value.Method(i)
	}
	return r
}

func (r *relay) call(name string, args []any, results []any) {
	r.mu.Lock()
	r.counts[name]++
	if f := r.faults[name]; f != nil && f.Times != 0 {
		f.Times--
		r.mu.Unlock()
		if f.Odd == "" || !oddAnswer(f.Odd, results) {
			fail(results, f.Status, f.Message)
		}
		return
	}
	if r.echo {
		r.seed++
		r.record(name, args, results)
		r.mu.Unlock()
		return
	}
	r.mu.Unlock()

	method, ok := r.methods[name]
	if !ok {
		fail(results, 501, name+" is not part of this host")
		return
	}
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		if arg == nil {
			in[i] = reflect.Zero(method.Type().In(i))
		} else {
			in[i] = reflect.ValueOf(arg)
		}
	}
	var out []reflect.Value
	if method.Type().IsVariadic() {
		out = method.CallSlice(in)
	} else {
		out = method.Call(in)
	}
	for i, result := range results {
		reflect.ValueOf(result).Elem().Set(out[i])
	}
}

// record answers with made-up results: every other call fails, if it can.
func (r *relay) record(name string, args []any, results []any) {
	entry := record{Method: name}
	for _, arg := range args {
		if reader, ok := arg.(io.Reader); ok {
			data, _ := io.ReadAll(reader)
			arg = data
		}
		entry.Args = append(entry.Args, toFields(reflect.ValueOf(arg)))
	}
	fails := r.seed%2 == 0
	for i, result := range results {
		target := reflect.ValueOf(result).Elem()
		isFailure := i == len(results)-1 && (target.Type() == errorType || target.Type() == reflect.TypeFor[*model.AppError]())
		switch {
		case isFailure && !fails:
		case isFailure && target.Type() == errorType:
			target.Set(reflect.ValueOf(fmt.Errorf("made up %d", r.seed)))
		case isFailure || !fails:
			fill(target, r.seed*100+i, 0)
		}
		entry.Results = append(entry.Results, toFields(target))
	}
	r.recorded = append(r.recorded, entry)
}

var errorType = reflect.TypeFor[error]()

// fail puts an error into the last result, if that is one.
func fail(results []any, status int, message string) {
	if len(results) == 0 {
		return
	}
	switch target := results[len(results)-1].(type) {
	case **model.AppError:
		*target = model.NewAppError("host", message, nil, message, status)
	case *error:
		*target = fmt.Errorf("%s", message)
	}
}
