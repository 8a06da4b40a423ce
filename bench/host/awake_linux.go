package main

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"
)

// A core that sleeps takes 20 to 50 µs to wake in a virtual machine, several times in one call: calls made one by one
// then cost 110 µs on either side, and a process that keeps a core busy with other work seems fast (a JavaScript engine
// that compiles: 40). So every core runs a process of the idle class while calls are measured.

const keepAwakeFlag = "keep-core-awake"

const schedIdle = 5 // linux/sched.h, SCHED_IDLE

// keepCoresAwake starts one idle-class process per core and returns a function that ends them.
func keepCoresAwake() func() {
	var children []*exec.Cmd
	for range runtime.NumCPU() {
		child := exec.Command(os.Args[0], "-"+keepAwakeFlag)
		child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		check(child.Start())
		children = append(children, child)
	}
	return func() {
		for _, child := range children {
			check(child.Process.Kill())
			child.Wait() // "signal: killed", as it must
		}
	}
}

func stayAwake() {
	runtime.LockOSThread()
	param := struct{ priority int32 }{}
	_, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETSCHEDULER, 0, schedIdle, uintptr(unsafe.Pointer(&param)))
	if errno != 0 {
		os.Stderr.WriteString("cores are not kept awake: " + strconv.Itoa(int(errno)) + "\n")
		os.Exit(1)
	}
	for {
	}
}
