// This file finds the process of a plugin and reads its start time, memory and CPU time.

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

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
