// This file has the key-value store of the plugin, which compares, expires and lists like the server's.

package main

import (
	"bytes"
	"sort"

	"github.com/mattermost/mattermost/server/public/model"
)

type kvEntry struct {
	value    []byte
	expireAt int64 // milliseconds, 0: never
}

func (e kvEntry) live() bool {
	return e.value != nil && (e.expireAt == 0 || e.expireAt > model.GetMillis())
}

func (w *world) KVGet(key string) ([]byte, *model.AppError) {
	w.kvMu.RLock()
	defer w.kvMu.RUnlock()
	if entry := w.kv[key]; entry.live() {
		return entry.value, nil
	}
	return nil, nil
}

func (w *world) KVSet(key string, value []byte) *model.AppError {
	_, err := w.KVSetWithOptions(key, value, model.PluginKVSetOptions{})
	return err
}

func (w *world) KVSetWithExpiry(key string, value []byte, seconds int64) *model.AppError {
	_, err := w.KVSetWithOptions(key, value, model.PluginKVSetOptions{ExpireInSeconds: seconds})
	return err
}

func (w *world) KVCompareAndSet(key string, old, value []byte) (bool, *model.AppError) {
	return w.KVSetWithOptions(key, value, model.PluginKVSetOptions{Atomic: true, OldValue: old})
}

func (w *world) KVCompareAndDelete(key string, old []byte) (bool, *model.AppError) {
	return w.KVSetWithOptions(key, nil, model.PluginKVSetOptions{Atomic: true, OldValue: old})
}

func (w *world) KVDelete(key string) *model.AppError {
	return w.KVSet(key, nil)
}

// KVSetWithOptions follows the server: a nil value deletes, an atomic write compares with OldValue, nil meaning absent.
func (w *world) KVSetWithOptions(key string, value []byte, options model.PluginKVSetOptions) (bool, *model.AppError) {
	if err := options.IsValid(); err != nil {
		return false, err
	}
	if key == "" || len([]rune(key)) > model.KeyValueKeyMaxRunes {
		return false, invalid("plugin_key_value")
	}
	w.kvMu.Lock()
	defer w.kvMu.Unlock()
	if options.Atomic {
		current := w.kv[key]
		if !current.live() {
			current.value = nil
		}
		if (current.value == nil) != (options.OldValue == nil) || !bytes.Equal(current.value, options.OldValue) {
			return false, nil
		}
	}
	if value == nil {
		delete(w.kv, key)
		return true, nil
	}
	entry := kvEntry{value: append([]byte{}, value...)}
	if options.ExpireInSeconds > 0 {
		entry.expireAt = model.GetMillis() + options.ExpireInSeconds*1000
	}
	w.kv[key] = entry
	return true, nil
}

func (w *world) KVDeleteAll() *model.AppError {
	w.kvMu.Lock()
	defer w.kvMu.Unlock()
	w.kv = map[string]kvEntry{}
	return nil
}

func (w *world) KVList(number, perPage int) ([]string, *model.AppError) {
	w.kvMu.RLock()
	defer w.kvMu.RUnlock()
	keys := []string{}
	for key, entry := range w.kv {
		if entry.live() {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	return page(keys, number, perPage), nil
}

func (w *world) dumpKV() map[string]string {
	w.kvMu.RLock()
	defer w.kvMu.RUnlock()
	dump := map[string]string{}
	for key, entry := range w.kv {
		if entry.live() {
			dump[key] = string(entry.value)
		}
	}
	return dump
}
