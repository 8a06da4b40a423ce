//go:build !linux

package main

const keepAwakeFlag = "keep-core-awake"

// Elsewhere there is no class of processes that gives way to everything.
func keepCoresAwake() func() { return func() {} }

func stayAwake() {}
