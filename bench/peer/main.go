// Command peer is the plugin of bench/plugin written in Go, on the official library. bench/protocol.ts compares the
// two.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

type peer struct {
	plugin.MattermostPlugin
	posts atomic.Int64
	large []byte
}

func main() {
	plugin.ClientMain(&peer{large: bytes.Repeat([]byte("0123456789abcdef"), 1<<16)})
}

func (p *peer) OnActivate() error {
	p.API.LogInfo("active", "language", "Go")
	return nil
}

func (p *peer) OnConfigurationChange() error {
	var settings map[string]any
	return p.API.LoadPluginConfiguration(&settings)
}

func (p *peer) ServeHTTP(_ *plugin.Context, w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/json":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"user":%q,"path":%q,"ok":true}`, r.Header.Get("Mattermost-User-Id"), r.URL.Path)
	case "/echo":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	case "/large":
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(len(p.large)))
		w.Write(p.large)
	default:
		http.NotFound(w, r)
	}
}

func (p *peer) MessageHasBeenPosted(_ *plugin.Context, post *model.Post) {
	if strings.Contains(post.Message, "@") {
		p.posts.Add(1)
	}
}

// ExecuteCommand answers "/bench <api call> <count>" with the median microseconds of a call, "/bench posts" with
// the posts seen, "/bench" with "ok".
func (p *peer) ExecuteCommand(_ *plugin.Context, args *model.CommandArgs) (*model.CommandResponse, *model.AppError) {
	words := strings.Fields(args.Command)
	text := "ok"
	if len(words) == 2 && words[1] == "posts" {
		text = strconv.FormatInt(p.posts.Load(), 10)
	}
	if len(words) == 3 {
		count, _ := strconv.Atoi(words[2])
		times := make([]time.Duration, count)
		for i := range times {
			started := time.Now()
			switch words[1] {
			case "kvget":
				if value, err := p.API.KVGet("key"); err != nil || len(value) == 0 {
					return nil, err
				}
			case "getconfig":
				if *p.API.GetConfig().ServiceSettings.SiteURL == "" {
					return nil, model.NewAppError("bench", "no site URL", nil, "", 500)
				}
			}
			times[i] = time.Since(started)
		}
		slices.Sort(times)
		text = strconv.FormatFloat(float64(times[count/2].Nanoseconds())/1000, 'f', 3, 64)
	}
	return &model.CommandResponse{Text: text}, nil
}
