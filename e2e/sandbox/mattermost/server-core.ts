/** The base of every part of the server: clock, configuration, log, plugins, and the clients that get its events. */

import { defaultConfig, type ServerConfig, withLocked } from "./config.ts";
import { newId } from "./ids.ts";
import { KvStore } from "./kv.ts";
import { emplace } from "./table.ts";

/** A running plugin process as the world sees it: a receiver of hooks. */
export interface HookSink {
  /** Cluster node the process runs on. */
  readonly node: string;
  has(hook: string): boolean;
  call(hook: string, ...args: unknown[]): Promise<unknown>;
}

/** The events that web clients get over their WebSocket. */
export interface ClientEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly to: {
    userId?: string;
    channelId?: string;
    teamId?: string;
    connectionId?: string;
    omitUserIds?: string[];
  };
}

export interface AuditEntry {
  readonly at: number;
  readonly node: string;
  readonly record: unknown;
}

export interface LogEntry {
  readonly at: number;
  readonly node: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Record<string, string>;
}

export const FIRST_NODE = "node-1";

/** plugin.Context as the server fills it. */
export function hookContext(part: Partial<Record<string, string>> = {}) {
  return {
    SessionId: "",
    ConnectionId: "",
    RequestId: newId(),
    IPAddress: "127.0.0.1",
    AcceptLanguage: "en",
    UserAgent: "",
    ...part,
  };
}

export class ServerCore {
  readonly now: () => number;
  config: ServerConfig;
  /** `Section.Key` of settings held by environment variables. */
  readonly lockedSettings = new Set<string>();
  readonly serverVersion: string;
  readonly installedAt: number;
  readonly telemetryId = newId();
  readonly audit: AuditEntry[] = [];
  readonly logs: LogEntry[] = [];
  readonly mail: { to: string; subject: string; body: string }[] = [];
  readonly pushes: { userId: string; message: string; type: string }[] = [];
  readonly hookSinks = new Set<HookSink>();
  readonly #kv = new Map<string, KvStore>();
  readonly #watchers = new Set<(event: ClientEvent) => void>();
  readonly #pending = new Set<Promise<unknown>>();

  constructor(options: { now?: () => number; siteUrl?: string; serverVersion?: string } = {}) {
    this.now = options.now ?? Date.now;
    this.serverVersion = options.serverVersion ?? "11.6.0";
    this.installedAt = this.now();
    this.config = defaultConfig(options.siteUrl ?? "https://chat.example.com");
  }

  kv(pluginId: string): KvStore {
    return emplace(this.#kv, pluginId, () => new KvStore(this.now));
  }

  /** Saves and notifies every node's plugin. Settings held by environment variables stay. */
  saveConfig(next: ServerConfig): void {
    this.config = withLocked(next, this.config, this.lockedSettings);
    this.fireOnEveryNode("onConfigurationChange");
    this.tell({ event: "config_changed", data: {}, to: {} });
  }

  log(node: string, level: LogEntry["level"], message: string, fields: Record<string, string> = {}): void {
    this.logs.push({ at: this.now(), node, level, message, fields });
    if (this.logs.length > 5000) this.logs.splice(0, 1000);
  }

  watch(watcher: (event: ClientEvent) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  tell(event: ClientEvent): void {
    for (const watcher of this.#watchers) watcher(event);
  }

  /** Calls a hook without a result on one node; like the server, does not wait for it. */
  fire(hook: string, ...args: unknown[]): void {
    this.fireOn(undefined, hook, ...args);
  }

  /**
   * Without `node`, uses the first running plugin. Hooks other than lifecycle hooks get a Context first.
   */
  fireOn(node: string | undefined, hook: string, ...args: unknown[]): void {
    const sink = this.sinkOn(node);
    if (sink?.has(hook)) this.track(sink.call(hook, hookContext(), ...args));
  }

  /** The plugin on a node; without a node, or if it is down there, the first running one. */
  sinkOn(node: string | undefined): HookSink | undefined {
    const sinks = [...this.hookSinks];
    return sinks.find((each) => each.node === node) ?? sinks[0];
  }

  fireOnEveryNode(hook: string, ...args: unknown[]): void {
    for (const sink of this.hookSinks) if (sink.has(hook)) this.track(sink.call(hook, ...args));
  }

  /** For tests: resolves when every fired hook has answered. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  /** `settled` waits for the server's background work. */
  track(work: Promise<unknown>): void {
    const done = work.catch(() => {}).finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }
}
