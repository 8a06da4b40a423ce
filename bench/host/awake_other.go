//go:build !linux

package main

const keepAwakeFlag = "keep-core-awake"

// Other systems have no idle class of processes.
func keepCoresAwake() func() { return func() {} }

func stayAwake() {}
