package main

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"syscall"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// command is one line of input; README.md says which fields each `do` takes.
type command struct {
	ID          any             `json:"id"`
	Do          string          `json:"do"`
	Name        string          `json:"name"`
	Method      string          `json:"method"`
	Args        []any           `json:"args"`
	Type        string          `json:"type"`
	Value       any             `json:"value"`
	Hex         string          `json:"hex"`
	Seed        int             `json:"seed"`
	On          bool            `json:"on"`
	Reset       bool            `json:"reset"`
	Times       int             `json:"times"`
	Parallel    int             `json:"parallel"`
	Status      int             `json:"status"`
	Message     string          `json:"message"`
	Signal      int             `json:"signal"`
	Settings    map[string]any  `json:"settings"`
	Config      json.RawMessage `json:"config"`
	World       map[string]any  `json:"world"`
	Load        load            `json:"load"`
	SkipContext bool            `json:"skipContext"`
}

func (h *host) answer(c command) {
	value, err := h.obey(c)
	if err != nil {
		h.out.say(map[string]any{"id": c.ID, "error": err.Error()})
		return
	}
	h.out.say(map[string]any{"id": c.ID, "value": value})
}

func (h *host) obey(c command) (any, error) {
	switch c.Do {
	case "activate":
		begin := time.Now()
		_, activated, err := h.env.Activate(h.id)
		return map[string]any{"activated": activated, "ms": millis(begin)}, err
	case "deactivate":
		return h.env.Deactivate(h.id), nil
	case "restart":
		begin := time.Now()
		err := h.env.RestartPlugin(h.id)
		return map[string]any{"ms": millis(begin)}, err
	case "check":
		// What the health check does every 30 seconds.
		h.env.TogglePluginHealthCheckJob(true)
		h.env.GetPluginHealthCheckJob().CheckPlugin(h.id)
		return h.state(), nil
	case "ping":
		return nil, h.env.PerformHealthCheck(h.id)
	case "state":
		return h.state(), nil
	case "kill":
		pid := pluginPid()
		if pid == 0 {
			return nil, fmt.Errorf("no plugin process")
		}
		return pid, syscall.Kill(pid, syscall.Signal(c.Signal))
	case "world":
		var s seed
		if c.Reset {
			h.world.reset()
		}
		if err := fromFields(reflect.ValueOf(&s).Elem(), c.World); err != nil {
			return nil, err
		}
		h.world.add(s)
		return nil, nil
	case "configure":
		return nil, h.configure(c)
	case "api":
		return h.api(c)
	case "hook":
		return h.hook(c)
	case "settle":
		h.world.background.Wait()
		return nil, nil
	case "fault":
		h.relay.mu.Lock()
		h.relay.faults[c.Method] = &fault{Times: c.Times, Status: c.Status, Message: c.Message, Odd: c.Name}
		h.relay.mu.Unlock()
		return nil, nil
	case "odd-hook":
		return nil, oddHook(h.world.hooks(), c.Name)
	case "slow-bodies":
		return slowBodies(h.url+"/plugins/"+h.id+c.Name, c.Times)
	case "counts":
		h.relay.mu.Lock()
		defer h.relay.mu.Unlock()
		counts := h.relay.counts
		if c.Reset {
			h.relay.counts = map[string]int{}
			return counts, nil
		}
		copied := map[string]int{}
		for name, n := range counts {
			copied[name] = n
		}
		return copied, nil
	case "echo":
		h.relay.mu.Lock()
		h.relay.echo, h.relay.seed, h.relay.recorded = c.On, c.Seed, nil
		h.relay.mu.Unlock()
		return nil, nil
	case "recorded":
		h.relay.mu.Lock()
		defer h.relay.mu.Unlock()
		recorded := h.relay.recorded
		h.relay.recorded = nil
		return recorded, nil
	case "posts":
		return fieldsOf(h.world.postsAfter(c.Times)), nil
	case "set-kv":
		for key, value := range c.World {
			if err := h.world.KVSet(key, []byte(value.(string))); err != nil {
				return nil, err
			}
		}
		return nil, nil
	case "kv":
		return h.world.dumpKV(), nil
	case "load":
		return c.Load.run(h.url + "/plugins/" + h.id), nil
	case "protocol":
		return map[string]any{"api": arities(reflect.TypeFor[plugin.API]()), "hooks": arities(reflect.TypeFor[plugin.Hooks]())}, nil
	case "types":
		names := []string{}
		for name := range modelTypes {
			names = append(names, name)
		}
		return names, nil
	case "encode":
		return encode(c)
	case "decode":
		return decode(c)
	default:
		return nil, fmt.Errorf("no such command: %s", c.Do)
	}
}

func (h *host) configure(c command) error {
	h.world.mu.Lock()
	if c.Settings != nil {
		h.world.pluginConfig = plain(c.Settings).(map[string]any)
	}
	if c.Config != nil {
		changed := h.world.config.Clone()
		if err := json.Unmarshal(c.Config, changed); err != nil {
			h.world.mu.Unlock()
			return err
		}
		h.world.config = changed
	}
	h.world.mu.Unlock()
	if hooks := h.world.hooks(); hooks != nil {
		return hooks.OnConfigurationChange()
	}
	return nil
}

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

// hook calls a hook, once or to measure it. A Context is made up when it is the first parameter and not given.
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

func (h *host) state() map[string]any {
	names := map[int]string{
		model.PluginStateNotRunning: "not running", model.PluginStateStarting: "starting", model.PluginStateRunning: "running",
		model.PluginStateFailedToStart: "failed to start", model.PluginStateFailedToStayRunning: "failed to stay running",
		model.PluginStateStopping: "stopping",
	}
	pid := pluginPid()
	return map[string]any{"state": names[h.env.GetPluginState(h.id)], "pid": pid, "rss": rss(pid), "hostRss": rss(os.Getpid())}
}

func millis(begin time.Time) float64 { return float64(time.Since(begin).Microseconds()) / 1000 }

func bytesOf(line []byte) io.Reader { return bytes.NewReader(line) }
