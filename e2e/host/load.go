package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// load describes requests to the plugin: their number or duration, and the number of connections.
type load struct {
	Path      string
	Method    string
	Headers   map[string]string
	BodyBytes int
	// Bodies are sent in turn, in place of BodyBytes.
	Bodies []string
	// AddressHeader gets another address with each request, as of clients behind a trusted proxy.
	AddressHeader string
	Connections   int
	Requests      int
	Seconds       float64
}

// figures are the results of one measurement; times in microseconds.
type figures struct {
	Count      int            `json:"count"`
	Errors     int            `json:"errors"`
	Seconds    float64        `json:"seconds"`
	PerSecond  float64        `json:"perSecond"`
	Bytes      int64          `json:"bytes"`
	P50        float64        `json:"p50"`
	P99        float64        `json:"p99"`
	Slowest    float64        `json:"slowest"`
	Statuses   map[string]int `json:"statuses,omitempty"`
	FirstError string         `json:"firstError,omitempty"`
}

// measure runs `once` on that many goroutines until `count` runs are started or `seconds` are over.
func measure(parallel, count int, seconds float64, once func() (int64, string, error)) figures {
	var started atomic.Int64
	var mu sync.Mutex
	var times []float64
	result := figures{Statuses: map[string]int{}}
	begin := time.Now()
	more := func() bool {
		if seconds > 0 {
			return time.Since(begin).Seconds() < seconds
		}
		return int(started.Add(1)) <= count
	}
	var group sync.WaitGroup
	for range max(parallel, 1) {
		group.Go(func() {
			var own []float64
			for more() {
				at := time.Now()
				size, status, err := once()
				own = append(own, float64(time.Since(at).Nanoseconds())/1000)
				mu.Lock()
				result.Bytes += size
				if status != "" {
					result.Statuses[status]++
				}
				if err != nil {
					result.Errors++
					if result.FirstError == "" {
						result.FirstError = err.Error()
					}
				}
				mu.Unlock()
			}
			mu.Lock()
			times = append(times, own...)
			mu.Unlock()
		})
	}
	group.Wait()
	result.Seconds = time.Since(begin).Seconds()
	result.Count = len(times)
	result.PerSecond = float64(len(times)) / result.Seconds
	sort.Float64s(times)
	if len(times) > 0 {
		result.P50 = times[len(times)/2]
		result.P99 = times[len(times)*99/100]
		result.Slowest = times[len(times)-1]
	}
	return result
}

func (l load) run(base string) figures {
	transport := &http.Transport{MaxIdleConnsPerHost: l.Connections, MaxConnsPerHost: l.Connections, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	body := bytes.Repeat([]byte("0123456789abcdef"), l.BodyBytes/16+1)[:l.BodyBytes]
	method := l.Method
	if method == "" {
		method = http.MethodGet
	}
	var turn atomic.Int64
	return measure(l.Connections, l.Requests, l.Seconds, func() (int64, string, error) {
		at := turn.Add(1)
		var reader io.Reader
		if len(l.Bodies) > 0 {
			reader = strings.NewReader(l.Bodies[int(at)%len(l.Bodies)])
		} else if l.BodyBytes > 0 {
			reader = bytes.NewReader(body)
		}
		request, err := http.NewRequest(method, base+l.Path, reader)
		if err != nil {
			return 0, "", err
		}
		for key, value := range l.Headers {
			request.Header.Set(key, value)
		}
		if l.AddressHeader != "" {
			request.Header.Set(l.AddressHeader, fmt.Sprintf("10.%d.%d.%d", at>>16&255, at>>8&255, at&255))
		}
		response, err := client.Do(request)
		if err != nil {
			return 0, "", err
		}
		defer response.Body.Close()
		status := fmt.Sprint(response.StatusCode)
		if response.StatusCode >= 500 {
			text, _ := io.ReadAll(io.LimitReader(response.Body, 200))
			return int64(len(text)), status, fmt.Errorf("status %s: %s", status, text)
		}
		size, err := io.Copy(io.Discard, response.Body)
		return size, status, err
	})
}
