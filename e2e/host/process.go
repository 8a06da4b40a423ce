package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// process is one line of the process table.
type process struct {
	pid, parent int
	state       string
}

// pluginPid finds our child process; 0 when there is none.
func pluginPid() int {
	for _, p := range processes() {
		// ps is our child too, while it runs.
		if p.parent == os.Getpid() && !strings.HasPrefix(p.state, "Z") && syscall.Kill(p.pid, 0) == nil {
			return p.pid
		}
	}
	return 0
}

// processes reads /proc where it exists, because a small Debian has no ps, and runs ps elsewhere.
func processes() []process {
	var list []process
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, _ := os.ReadFile(file)
		// pid (name) state parent …, and the name may hold anything.
		_, rest, found := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if !found || len(fields) < 2 {
			continue
		}
		list = append(list, process{pid: number(filepath.Base(filepath.Dir(file))), state: fields[0], parent: number(fields[1])})
	}
	if len(list) > 0 {
		return list
	}
	output, _ := exec.Command("ps", "-A", "-o", "pid=,ppid=,stat=").Output()
	for _, line := range strings.Split(string(output), "\n") {
		if fields := strings.Fields(line); len(fields) == 3 {
			list = append(list, process{pid: number(fields[0]), parent: number(fields[1]), state: fields[2]})
		}
	}
	return list
}

// rss is a process's resident memory in bytes.
func rss(pid int) int64 {
	if text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			return int64(number(fields[1]) * os.Getpagesize())
		}
	}
	output, _ := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	return int64(number(strings.TrimSpace(string(output)))) * 1024
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
