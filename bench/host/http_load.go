// This file sends HTTP requests to a plugin over sixteen connections and measures them.

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost/server/public/plugin"
)

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
		// CPU time of one request, of the plugin and in total: unlike requests per second, it hardly depends on other load.
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
