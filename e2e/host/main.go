// host is a Mattermost server reduced to its plugin side: the official plugin.Environment with an in-memory
// implementation of plugin.API, and HTTP in front of the plugin. It takes commands as JSON lines on stdin and
// answers on stdout: see README.md.
//
//	host <folder with the unpacked bundle>
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
	"github.com/mattermost/mattermost/server/public/shared/mlog"
)

type host struct {
	world *world
	web   *web
	relay *relay
	env   *plugin.Environment
	id    string
	url   string
	out   *lines
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: host <folder with the unpacked bundle>")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(bundle string) error {
	bundle, err := filepath.Abs(bundle)
	if err != nil {
		return err
	}
	manifest, _, err := model.FindManifest(bundle)
	if err != nil {
		return fmt.Errorf("no plugin.json in %s: %w", bundle, err)
	}
	out := &lines{encoder: json.NewEncoder(os.Stdout)}
	h := &host{id: manifest.Id, out: out, world: newWorld(manifest.Id, bundle)}
	h.web = &web{world: h.world}
	h.world.say = out.say
	h.relay = newRelay(h.world)

	logger, err := mlog.NewLogger()
	if err != nil {
		return err
	}
	if err := mlog.AddWriterTarget(logger, logLines{out}, true, append(mlog.StdAll, mlog.LvlStdLog)...); err != nil {
		return err
	}
	mlog.InitGlobalLogger(logger)
	// The environment finds plugins as folders of a folder, named as they like.
	newAPI := func(*model.Manifest) plugin.API { return h.relay }
	h.env, err = plugin.NewEnvironment(newAPI, nil, filepath.Dir(bundle), filepath.Join(os.TempDir(), "host-webapp"), logger, nil)
	if err != nil {
		return err
	}
	h.world.hooks = func() plugin.Hooks {
		hooks, err := h.env.HooksForPlugin(h.id)
		if err != nil {
			return nil
		}
		return hooks
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h.url = "http://" + listener.Addr().String()
	go func() { _ = http.Serve(listener, h.web) }()
	out.say(map[string]any{"event": "ready", "url": h.url, "plugin": h.id, "version": model.CurrentVersion, "pid": os.Getpid()})

	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 256<<20)
	for input.Scan() {
		var c command
		decoder := json.NewDecoder(bytesOf(input.Bytes()))
		decoder.UseNumber()
		if err := decoder.Decode(&c); err != nil {
			out.say(map[string]any{"event": "log", "level": "error", "message": "not a command: " + err.Error()})
			continue
		}
		if c.Do == "exit" {
			break
		}
		go h.answer(c)
	}
	h.env.Shutdown()
	return input.Err()
}

// lines writes one JSON value a line.
type lines struct {
	mu      sync.Mutex
	encoder *json.Encoder
}

func (l *lines) say(event map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.encoder.Encode(event)
}

// logLines passes on what the host library and the plugin's stderr log.
type logLines struct{ out *lines }

func (l logLines) Write(line []byte) (int, error) {
	var entry map[string]any
	if err := json.Unmarshal(line, &entry); err != nil {
		entry = map[string]any{"msg": string(line), "level": "info"}
	}
	l.out.say(map[string]any{"event": "host-log", "level": entry["level"], "message": entry["msg"], "entry": entry})
	return len(line), nil
}
