// Command host runs plugins under the official Mattermost host library and measures them, in turn, round by round.
// It prints one JSON line per measurement: {"round":0,"plugin":"ours","name":"json","value":6190.2}.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
	"github.com/mattermost/mattermost/server/public/shared/mlog"
)

var (
	rounds  = flag.Int("rounds", 5, "rounds; every plugin is measured once in each")
	warmUp  = flag.Float64("warm-up", 2, "duration of one HTTP load before it is measured")
	seconds = flag.Float64("seconds", 4, "duration of one HTTP load")
	calls   = flag.Int("calls", 8000, "calls of one series of hooks or API calls")
	rest    = flag.Float64("rest", 13, "seconds between the load and the look at memory")
	only    = flag.String("only", "", "measure only these, with commas (json, echo, large, hooks, api)")
)

func main() {
	keepAwake := flag.Bool(keepAwakeFlag, false, "be the process that keeps a core awake")
	flag.Parse()
	if *keepAwake {
		stayAwake()
		return
	}
	// Arguments: a folder of installed plugins, and the names of those to measure: folder "bench-<name>", same id.
	pluginDir := flag.Arg(0)
	var plugins []*measured
	for _, name := range flag.Args()[1:] {
		plugins = append(plugins, &measured{name: name, id: "bench-" + name})
	}
	for round := range *rounds {
		order := slices.Clone(plugins)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, p := range order {
			p.round = round
			p.measure(pluginDir)
		}
	}
}

type measured struct {
	name, id string
	round    int
}

func (p *measured) report(name string, value float64) {
	line, err := json.Marshal(map[string]any{"round": p.round, "plugin": p.name, "name": name, "value": value})
	check(err)
	fmt.Println(string(line))
}

func (p *measured) measure(pluginDir string) {
	started := &startWatch{}
	logger, err := mlog.NewLogger()
	check(err)
	check(mlog.AddWriterTarget(logger, started, true, mlog.StdAll...))
	mlog.InitGlobalLogger(logger)
	config := &model.Config{}
	config.SetDefaults()
	config.ServiceSettings.SiteURL = model.NewPointer("http://localhost:8065")
	newAPI := func(*model.Manifest) plugin.API { return &api{config: config, logger: logger} }
	webappDir, err := os.MkdirTemp("", "bench-webapp")
	check(err)
	defer os.RemoveAll(webappDir)
	env, err := plugin.NewEnvironment(newAPI, nil, pluginDir, webappDir, logger, noMetrics{})
	check(err)

	before := time.Now()
	_, activated, err := env.Activate(p.id)
	active := time.Now()
	check(err)
	if !activated {
		log.Fatalf("%s: not activated", p.id)
	}
	defer func() {
		env.Shutdown()
		check(logger.Shutdown())
	}()
	check(logger.Flush())
	p.report("activate ms", milliseconds(active.Sub(before)))
	p.report("start to active ms", milliseconds(active.Sub(started.at())))
	pid := pluginProcess()
	time.Sleep(300 * time.Millisecond)
	p.report("RSS after start MB", memory(pid, "VmRSS"))
	p.report("anonymous RSS after start MB", memory(pid, "RssAnon"))

	hooks, err := env.HooksForPlugin(p.id)
	check(err)
	p.measureHTTP(hooks, pid)
	letSleep := keepCoresAwake()
	p.measureHooks(hooks)
	// Last: thousands of GetConfig, which no plugin makes, keep the compiler threads of JavaScript busy for seconds.
	p.measureAPI(hooks)
	letSleep()

	time.Sleep(time.Duration(*rest * float64(time.Second)))
	p.report("RSS after load MB", memory(pid, "VmRSS"))
	p.report("anonymous RSS after load MB", memory(pid, "RssAnon"))
	p.report("peak RSS MB", memory(pid, "VmHWM"))
	p.report("CPU s", cpuSeconds(pid))
}

func wanted(name string) bool { return *only == "" || slices.Contains(strings.Split(*only, ","), name) }

func (p *measured) measureHooks(hooks plugin.Hooks) {
	if !wanted("hooks") {
		return
	}
	post := &model.Post{
		Id: model.NewId(), CreateAt: model.GetMillis(), UpdateAt: model.GetMillis(), UserId: model.NewId(),
		ChannelId: model.NewId(), Message: "Could @bob look at this before the meeting? " + strings.Repeat("text ", 40),
		Hashtags: "#release", Metadata: &model.PostMetadata{},
	}
	post.AddProp("attachments", []*model.MessageAttachment{{Title: "Build", Text: "green", Color: "#0a0"}})
	post.AddProp("from_plugin", "true")
	pluginContext := &plugin.Context{RequestId: model.NewId(), SessionId: model.NewId(), UserAgent: "bench"}
	p.series("MessageHasBeenPosted µs", func() { hooks.MessageHasBeenPosted(pluginContext, post) })
	args := &model.CommandArgs{UserId: model.NewId(), ChannelId: model.NewId(), TeamId: model.NewId(), Command: "/bench posts"}
	if response, _ := hooks.ExecuteCommand(pluginContext, args); response.Text != strconv.Itoa(*calls+*calls/4) {
		log.Fatalf("%s: saw %s posts", p.name, response.Text)
	}
	args.Command = "/bench"
	p.series("ExecuteCommand µs", func() {
		response, appErr := hooks.ExecuteCommand(pluginContext, args)
		if appErr != nil || response == nil || response.Text != "ok" {
			log.Fatalf("%s: ExecuteCommand: %v %v", p.name, response, appErr)
		}
	})
}

// series reports the median: other work on the machine makes a few calls slow, and a mean would show that work.
func (p *measured) series(name string, call func()) {
	for range *calls / 4 {
		call()
	}
	times := make([]time.Duration, *calls)
	for i := range times {
		started := time.Now()
		call()
		times[i] = time.Since(started)
	}
	slices.Sort(times)
	p.report(name, float64(times[len(times)/2].Nanoseconds())/1000)
}

func (p *measured) measureAPI(hooks plugin.Hooks) {
	if !wanted("api") {
		return
	}
	command := func(text string) string {
		response, appErr := hooks.ExecuteCommand(&plugin.Context{}, &model.CommandArgs{Command: text})
		if appErr != nil || response == nil {
			log.Fatalf("%s: %s: %v", p.name, text, appErr)
		}
		return response.Text
	}
	for _, call := range []string{"KVGet", "GetConfig"} {
		name := strings.ToLower(call)
		command(fmt.Sprintf("/bench %s %d", name, *calls/4))
		value, err := strconv.ParseFloat(command(fmt.Sprintf("/bench %s %d", name, *calls)), 64)
		check(err)
		p.report(call+" µs", value)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// api has the methods that both plugins call. A call of any other method would end the host.
type api struct {
	plugin.API
	config *model.Config
	logger *mlog.Logger
}

var kvValue = []byte(`{"tenant":"11111111-2222-3333-4444-555555555555","linkedAt":1732190000000}`)

func (a *api) LoadPluginConfiguration(dest any) error {
	return json.Unmarshal([]byte(`{"setting":"value"}`), dest)
}
func (a *api) KVGet(string) ([]byte, *model.AppError)        { return kvValue, nil }
func (a *api) GetConfig() *model.Config                      { return a.config }
func (a *api) GetServerVersion() string                      { return model.CurrentVersion }
func (a *api) LogDebug(message string, keyValuePairs ...any) {}
func (a *api) LogInfo(message string, keyValuePairs ...any)  {}
func (a *api) LogWarn(message string, keyValuePairs ...any) {
	fmt.Fprintln(os.Stderr, message, keyValuePairs)
}
func (a *api) LogError(message string, keyValuePairs ...any) {
	fmt.Fprintln(os.Stderr, message, keyValuePairs)
}

type noMetrics struct{}

func (noMetrics) ObservePluginHookDuration(string, string, bool, float64) {}
func (noMetrics) ObservePluginMultiHookIterationDuration(string, float64) {}
func (noMetrics) ObservePluginMultiHookDuration(float64)                  {}
func (noMetrics) ObservePluginAPIDuration(string, string, bool, float64)  {}

func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}
