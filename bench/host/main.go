// Command host runs plugins under the official Mattermost host library and measures them, in turn, round by round.
// It prints one JSON line per measurement: {"round":0,"plugin":"ours","name":"json","value":6190.2}.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
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

func (p *measured) measureHTTP(hooks plugin.Hooks, pid int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Mattermost-User-Id", "user1")
		hooks.ServeHTTP(&plugin.Context{RequestId: "request1", UserAgent: r.UserAgent(), IPAddress: "127.0.0.1"}, w, r)
	})}
	go server.Serve(listener)
	defer server.Shutdown(context.Background())
	address := listener.Addr().String()
	body := bytes.Repeat([]byte("x"), 200_000)
	loads := []struct{ name, label, request string }{
		{"json", "small JSON", "GET /json HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: bench\r\n\r\n"},
		{"echo", "200 KB echo", fmt.Sprintf("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(body), body)},
		{"large", "1 MB response", "GET /large HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n\r\n"},
	}
	for _, l := range loads {
		if !wanted(l.name) {
			continue
		}
		warming, took := load(address, l.request, *warmUp)
		p.report(l.label+" req/s, warming up", float64(len(warming))/took)
		cpu, hostCPU := cpuSeconds(pid), cpuSeconds(os.Getpid())
		var latencies []time.Duration
		latencies, took = load(address, l.request, *seconds)
		// Of one request, in the plugin and in all: says more than requests per second when others use the machine.
		cpu, hostCPU = cpuSeconds(pid)-cpu, cpuSeconds(os.Getpid())-hostCPU
		p.report(l.label+" plugin CPU µs", cpu*1e6/float64(len(latencies)))
		p.report(l.label+" CPU µs", (cpu+hostCPU)*1e6/float64(len(latencies)))
		p.report(l.label+" req/s", float64(len(latencies))/took)
		p.report(l.label+" p50 ms", milliseconds(latencies[len(latencies)/2]))
		p.report(l.label+" p99 ms", milliseconds(latencies[len(latencies)*99/100]))
	}
}

const connections = 16

// load keeps 16 connections busy for some seconds. It is small on purpose: it runs on the same two cores.
func load(address, request string, seconds float64) ([]time.Duration, float64) {
	var (
		mutex     sync.Mutex
		latencies []time.Duration
		done      sync.WaitGroup
	)
	started := time.Now()
	until := started.Add(time.Duration(seconds * float64(time.Second)))
	for range connections {
		done.Add(1)
		go func() {
			defer done.Done()
			conn, err := net.Dial("tcp", address)
			check(err)
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 64*1024)
			var mine []time.Duration
			for time.Now().Before(until) {
				sent := time.Now()
				_, err := io.WriteString(conn, request)
				check(err)
				readResponse(in)
				mine = append(mine, time.Since(sent))
			}
			mutex.Lock()
			latencies = append(latencies, mine...)
			mutex.Unlock()
		}()
	}
	done.Wait()
	took := time.Since(started).Seconds()
	slices.Sort(latencies)
	return latencies, took
}

func readResponse(in *bufio.Reader) {
	status, err := in.ReadString('\n')
	check(err)
	if !strings.Contains(status, " 200 ") {
		log.Fatalf("answer: %s", status)
	}
	length := -1
	for {
		line, err := in.ReadSlice('\n')
		check(err)
		if len(line) == 2 {
			break
		}
		if value, found := strings.CutPrefix(string(line), "Content-Length: "); found {
			length, err = strconv.Atoi(strings.TrimSpace(value))
			check(err)
		}
	}
	if length < 0 {
		log.Fatal("answer without Content-Length")
	}
	_, err = in.Discard(length)
	check(err)
}

// startWatch is a log target that notes when go-plugin starts the process.
type startWatch struct {
	mutex sync.Mutex
	start time.Time
}

func (w *startWatch) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(`"starting plugin"`)) {
		var entry struct {
			Timestamp string `json:"timestamp"`
		}
		check(json.Unmarshal(line, &entry))
		at, err := time.Parse("2006-01-02 15:04:05.000 Z07:00", entry.Timestamp)
		check(err)
		w.mutex.Lock()
		w.start = at
		w.mutex.Unlock()
	}
	if bytes.Contains(line, []byte(`"level":"error"`)) {
		os.Stderr.Write(line)
	}
	return len(line), nil
}

func (w *startWatch) at() time.Time {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.start
}

// pluginProcess finds our only child.
func pluginProcess() int {
	entries, err := filepath.Glob("/proc/[0-9]*/stat")
	check(err)
	for _, entry := range entries {
		stat, err := os.ReadFile(entry)
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if fields[1] == strconv.Itoa(os.Getpid()) && fields[0] != "Z" {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(entry)))
			check(err)
			return pid
		}
	}
	log.Fatal("the plugin's process was not found")
	return 0
}

func memory(pid int, field string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	check(err)
	for line := range strings.Lines(string(status)) {
		if value, found := strings.CutPrefix(line, field+":"); found {
			kilobytes, err := strconv.Atoi(strings.Fields(value)[0])
			check(err)
			return float64(kilobytes) / 1024
		}
	}
	log.Fatalf("no %s", field)
	return 0
}

func cpuSeconds(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	check(err)
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return float64(user+system) / 100
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// api is what both plugins call. Everything else would end the host, and so shows.
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
