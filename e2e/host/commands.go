// This file executes the commands of stdin.

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
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
		// One round of the health check, which the server runs every 30 seconds.
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
		return slowBodies(h.web, h.url+"/plugins/"+h.id+c.Name, c.Times)
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
