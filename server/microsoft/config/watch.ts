/** Holds the current Config and notifies listeners when it changes. */

import { buildConfig, type Config, type ServerFacts } from "./config.ts";

export interface ConfigSource {
  readonly current: Config;
  /** Returns a function that unsubscribes. */
  onChange(listener: (next: Config, previous: Config) => void): () => void;
}

export interface ConfigPorts {
  /** Loads the JSON of the plugin's settings (LoadPluginConfiguration). */
  readonly loadSettings: () => Promise<unknown>;
  readonly loadServerFacts: () => Promise<ServerFacts>;
}

export interface WatchedConfig extends ConfigSource {
  /** Reads everything again. Called on activation and by OnConfigurationChange; concurrent calls share one read. */
  reload(): Promise<void>;
}

export function watchConfig(ports: ConfigPorts): WatchedConfig {
  let current = buildConfig({}, { siteUrl: "" });
  const listeners = new Set<(next: Config, previous: Config) => void>();
  let running: Promise<void> | null = null;
  let again = false;

  async function readOnce(): Promise<void> {
    const [settings, server] = await Promise.all([ports.loadSettings(), ports.loadServerFacts()]);
    const previous = current;
    current = buildConfig(settings, server);
    for (const listener of listeners) listener(current, previous);
  }

  return {
    get current() {
      return current;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // A change that arrives during a read may be missing from that read, so read once more.
    reload() {
      if (running) {
        again = true;
        return running;
      }
      running = (async () => {
        try {
          do {
            again = false;
            await readOnce();
          } while (again);
        } finally {
          running = null;
        }
      })();
      return running;
    },
  };
}
