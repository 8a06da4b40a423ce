package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// unregistered is a type that gob cannot send inside an interface value.
type unregistered struct{ Field string }

// oddAnswer gives one API call an answer that a healthy server never gives. It reports whether it did.
func oddAnswer(kind string, results []any) bool {
	switch kind {
	case "unencodable": // Go's server writes the header of its answer and ends the stream
		if post, ok := results[0].(**model.Post); ok {
			*post = &model.Post{Id: "odd", Props: model.StringInterface{"odd": unregistered{"x"}}}
			return true
		}
	case "huge": // above the size limit of a message
		if value, ok := results[0].(*[]byte); ok {
			*value = make([]byte, 129<<20)
			(*value)[0] = 1
			return true
		}
	case "large":
		if value, ok := results[0].(*[]byte); ok {
			*value = make([]byte, 120<<20)
			(*value)[0] = 1
			return true
		}
	case "deep":
		if post, ok := results[0].(**model.Post); ok {
			*post = &model.Post{Id: "deep", Props: model.StringInterface{"deep": nested(2_000)}}
			return true
		}
	case "silent":
		time.Sleep(time.Hour)
	}
	return false
}

func nested(depth int) any {
	var value any = "innermost"
	for range depth {
		value = []any{value}
	}
	return value
}

// oddHook calls MessageHasBeenPosted with a post that Go cannot encode. The caller does not notice, because the hook
// has no result.
func oddHook(hooks plugin.Hooks, kind string) error {
	props := model.StringInterface{"odd": unregistered{"x"}}
	switch kind {
	case "unregistered":
	case "unregistered and large": // larger than the buffer of a Go client, so the beginning is sent
		props = model.StringInterface{}
		for i := range 50 {
			props[fmt.Sprint("text", i)] = []any{strings.Repeat("x", 1000)}
		}
		props["zodd"] = []any{unregistered{"x"}}
	case "deep":
		props = model.StringInterface{"deep": nested(2_000)}
	default:
		return fmt.Errorf("no odd hook %s", kind)
	}
	hooks.MessageHasBeenPosted(&plugin.Context{}, &model.Post{Id: "odd", Message: "odd", Props: props})
	return nil
}

// slowBodies sends requests whose bodies never arrive, 1,500 a second. It returns when the server has them all and has
// answered one, or none in 30 seconds, and counts the answers.
func slowBodies(web *web, url string, count int) (any, error) {
	statuses := make(chan int, count)
	all := web.requests.Load() + int64(count)
	for i := range count {
		if i%150 == 0 {
			time.Sleep(100 * time.Millisecond)
		}
		go func() {
			reader := &neverEnding{}
			request, err := http.NewRequest(http.MethodPost, url, reader)
			if err != nil {
				statuses <- 0
				return
			}
			request.ContentLength = 100
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				statuses <- 0
				return
			}
			response.Body.Close()
			statuses <- response.StatusCode
		}()
	}
	for web.requests.Load() < all {
		time.Sleep(10 * time.Millisecond)
	}
	counts := map[string]int{}
	select {
	case status := <-statuses:
		counts[fmt.Sprint(status)]++
	case <-time.After(30 * time.Second):
	}
	for {
		select {
		case status := <-statuses:
			counts[fmt.Sprint(status)]++
		default:
			return counts, nil
		}
	}
}

type neverEnding struct{}

func (*neverEnding) Read([]byte) (int, error) { select {} }
