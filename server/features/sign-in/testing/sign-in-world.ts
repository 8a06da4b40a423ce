/**
 * A whole sign-in for tests: an authority on loopback, a fake Mattermost in memory, and our own verifier, admission
 * and routes between them, wired as in main.ts.
 */

import { pluginApi, type StandInApi, World, watched } from "../../../../e2e/sandbox/mattermost/index.ts";
import { buildConfig, type Config, type ConfigSource } from "../../../microsoft/config/index.ts";
import type { Claims } from "../../../microsoft/entra/testing/authority.ts";
import {
  CLIENT,
  PERSON,
  sign,
  TENANT,
  TestAuthority,
  v1Claims,
  v2Claims,
} from "../../../microsoft/entra/testing/authority.ts";
import { createTokenVerifier } from "../../../microsoft/entra/token-verifier.ts";
import type { Fetch } from "../../../microsoft/network/index.ts";
import type { Directory, DirectoryAnswer } from "../../../people/directory.ts";
import { mountRoutes } from "../../../platform/http/testing/mount-routes.ts";
import type { Job, KeyValueStore, Logger, RequestContext, User } from "../../../runtime/mattermost/index.ts";
import type { SignInAttempt } from "../audit.ts";
import { createIdentity, type Identity } from "../index.ts";
import { sessionRoutes } from "../session.ts";

export const SITE = "https://chat.example.com";

export const settings: Record<string, unknown> = {
  m365_tenant_id: TENANT,
  m365_client_id: CLIENT,
  national_cloud: "custom",
  custom_login_url: "https://login.test",
  custom_graph_url: "https://graph.test",
  custom_teams_url: "https://teams.test",
};

export interface PostOptions {
  readonly method?: string;
  readonly path?: string;
  /** `null` removes a header that the tab would send. */
  readonly headers?: Record<string, string | null>;
  /** Replaces the whole body. */
  readonly body?: string | Uint8Array | null;
  readonly subPageId?: string;
  readonly env?: Partial<RequestContext>;
}

/** One plugin process. Several may share one `mattermost`, like the nodes of a cluster. */
export class SignInWorld {
  /** Milliseconds since 1970; tests change it. */
  now = Date.parse("2026-11-21T12:00:00Z");
  readonly authority: TestAuthority;
  readonly mattermost: World;
  readonly api: StandInApi;
  readonly calls: string[] = [];
  readonly audits: SignInAttempt[] = [];
  readonly logs: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  readonly config: FixedConfig;
  readonly identity: Identity;
  directoryAnswer: DirectoryAnswer | ((token: string) => DirectoryAnswer) = { ok: false, why: "no_secret" };
  /** Makes calls of the plugin API fail. */
  fault:
    | ((method: string, args: readonly unknown[]) => Error | undefined | Promise<Error | undefined>)
    | undefined;
  readonly #app: ReturnType<typeof mountRoutes>;

  readonly bus: Bus;

  constructor(share: { authority?: TestAuthority; mattermost?: World; bus?: Bus } = {}) {
    this.bus = share.bus ?? new Bus();
    this.authority = share.authority ?? new TestAuthority();
    this.mattermost = share.mattermost ?? new World({ now: () => this.now, siteUrl: SITE });
    this.api = watched(
      pluginApi(this.mattermost),
      (method) => this.calls.push(method),
      (method, args) => this.fault?.(method, args),
    );
    this.config = new FixedConfig(settings, SITE);
    const clock = () => this.now;
    const log = this.#logger({});
    const directory: Directory = {
      last: null,
      consentTrouble: () => null,
      read: async (token) =>
        typeof this.directoryAnswer === "function" ? this.directoryAnswer(token) : this.directoryAnswer,
    };
    const verifier = createTokenVerifier({
      config: this.config,
      fetch: (url, init) => this.outgoing(url, init),
      log,
      clock,
    });
    this.identity = createIdentity({
      config: this.config,
      api: this.api,
      kv: keyValueStore(this.api),
      cluster: this.bus.node(),
      directory,
      log,
      clock,
    });
    const routes = sessionRoutes({
      config: this.config,
      verifier,
      identity: this.identity,
      serverRules: this.identity.serverRules,
      api: this.api,
      audit: (attempt) => this.audits.push(attempt),
      log,
      clock,
    });
    this.#app = mountRoutes(routes);
  }

  /** The network over which keys are read; tests replace it by a broken one. */
  outgoing: Fetch = (url, init) => this.authority.fetch(url, init);

  get seconds(): number {
    return Math.floor(this.now / 1000);
  }

  v1(change: Claims = {}): string {
    return sign({ ...v1Claims(this.seconds), ...change });
  }

  v2(change: Claims = {}): string {
    return sign({ ...v2Claims(this.seconds), ...change });
  }

  addAna(part: Partial<User> = {}): User {
    return this.mattermost.addUser({ Username: "ana", Email: "ana@example.com", ...part });
  }

  /** Sends a request as the tab does, changed by the options. */
  async post(token: unknown, options: PostOptions = {}): Promise<Response> {
    const { subPageId } = options;
    const headers = new Headers({
      Origin: SITE,
      "Sec-Fetch-Site": "same-origin",
      "Content-Type": "application/json",
      "X-Requested-With": "XMLHttpRequest",
    });
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      if (value === null) headers.delete(name);
      else headers.set(name, value);
    }
    const method = options.method ?? "POST";
    const body = options.body !== undefined ? options.body : JSON.stringify({ token, subPageId });
    const request = new Request(`${SITE}${options.path ?? "/api/v1/session"}`, {
      method,
      headers,
      ...(method === "GET" || method === "HEAD" || body === null ? {} : { body }),
    });
    return this.#app.fetch(request, { ...context, ...options.env });
  }

  probe(headers: Record<string, string>, env: Partial<RequestContext> = {}): Promise<Response> {
    const request = new Request(`${SITE}/api/v1/session/probe`, { headers });
    return Promise.resolve(this.#app.fetch(request, { ...context, ...env }));
  }

  /** Returns the live session that a response's cookie opens. */
  sessionOf(response: Response) {
    return this.mattermost.sessionByToken(cookie(response, "MMAUTHTOKEN") ?? "");
  }

  #logger(carried: Record<string, unknown>): Logger {
    const at =
      (level: string) =>
      (message: string, fields: Record<string, unknown> = {}) =>
        void this.logs.push({ level, message, fields: { ...carried, ...fields } });
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      child: (fields) => this.#logger({ ...carried, ...fields }),
    };
  }
}

const context: RequestContext = {
  SessionId: "",
  ConnectionId: "",
  RequestId: "request-1",
  IPAddress: "192.0.2.7",
  AcceptLanguage: "en",
  UserAgent:
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0",
  userId: null,
  sourcePluginId: null,
};

/** Returns the value of a cookie that a response sets. */
export function cookie(response: Response, name: string): string | undefined {
  for (const line of response.headers.getSetCookie()) {
    const [, value] = new RegExp(`^${name}=([^;]*)`).exec(line) ?? [];
    if (value !== undefined) return value;
  }
  return undefined;
}

export class FixedConfig implements ConfigSource {
  current: Config;
  readonly #listeners = new Set<(next: Config, previous: Config) => void>();
  #settings: Record<string, unknown>;
  #siteUrl: string;

  constructor(raw: Record<string, unknown>, siteUrl: string) {
    this.#settings = raw;
    this.#siteUrl = siteUrl;
    this.current = buildConfig(raw, { siteUrl });
  }

  onChange(listener: (next: Config, previous: Config) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Saves settings as an admin does. */
  save(change: Record<string, unknown>, siteUrl = this.#siteUrl): void {
    this.#settings = { ...this.#settings, ...change };
    this.#siteUrl = siteUrl;
    const previous = this.current;
    this.current = buildConfig(this.#settings, { siteUrl });
    for (const listener of this.#listeners) listener(this.current, previous);
  }
}

/** Delivers cluster events between the nodes of one test. */
export class Bus {
  readonly #nodes = new Set<Map<string, Set<(data: Uint8Array) => void | Promise<void>>>>();
  readonly jobs: (() => Promise<void>)[] = [];

  node() {
    const handlers = new Map<string, Set<(data: Uint8Array) => void | Promise<void>>>();
    this.#nodes.add(handlers);
    return {
      publish: async (id: string, data: Uint8Array | string) => {
        const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
        for (const other of this.#nodes) {
          if (other !== handlers) for (const handler of other.get(id) ?? []) await handler(bytes);
        }
      },
      on: (id: string, handler: (data: Uint8Array) => void | Promise<void>) => {
        const all = handlers.get(id) ?? new Set();
        handlers.set(id, all.add(handler));
        return () => void all.delete(handler);
      },
      /** Tests run the job themselves. */
      runOnOneNode: (_name: string, _options: object, job: (signal: AbortSignal) => Promise<void>): Job => {
        this.jobs.push(() => job(new AbortController().signal));
        return { stop: async () => {} };
      },
    };
  }
}

/** The part of the store that sign-in uses, over the plugin API's own calls. */
export function keyValueStore(
  api: Pick<StandInApi, "kvGet" | "kvCompareAndSet" | "kvCompareAndDelete" | "kvSetWithOptions">,
): Pick<KeyValueStore, "get" | "compareAndSet"> {
  return {
    async get(key) {
      const bytes = await api.kvGet(key);
      return bytes.length === 0 ? null : bytes;
    },
    async compareAndSet(key, expected, next, options) {
      const ExpireInSeconds = options?.expireInSeconds ?? 0;
      if (next && ExpireInSeconds > 0)
        return api.kvSetWithOptions(key, next, {
          Atomic: true,
          OldValue: expected ?? new Uint8Array(),
          ExpireInSeconds,
        });
      if (next) return api.kvCompareAndSet(key, expected, next);
      return expected ? api.kvCompareAndDelete(key, expected) : (await api.kvGet(key)).length === 0;
    },
  };
}

export { PERSON };
