/** The server around a World: plugin processes, HTTP in front of them, REST, WebSocket, web client pages. */

import { posix } from "node:path";
import type { Server } from "bun";
import { Hono } from "hono";
import type { WireLog } from "../wire-log.ts";
import { describeCall } from "./describe-call.ts";
import { type Fault, pluginApi, watched } from "./plugin-api.ts";
import type { PluginBundle } from "./plugin-bundle.ts";
import { PluginProcess } from "./plugin-process.ts";
import { pluginRequest, publicFile } from "./plugin-requests.ts";
import { restRoutes } from "./rest.ts";
import { type Client, WebSockets } from "./web-sockets.ts";
import type { World } from "./world.ts";

export interface MattermostOptions {
  readonly world: World;
  readonly bundle: PluginBundle;
  readonly wires: WireLog;
  /** What to start instead of the bundle's executable (development: Bun on server/main.ts). */
  readonly command?: readonly string[];
  readonly environment?: Record<string, string>;
  readonly port: number;
  /** "" or "/sub-path", as in the site URL. */
  readonly subpath: string;
  /** Names of the cluster nodes; requests alternate between them. */
  readonly nodes: readonly string[];
  /** Pages and scripts of the web client and the console. */
  page(path: string, request: Request): Promise<Response | null>;
  /**
   * Hosts that may frame a colleague's screen besides those of the setting: the sandbox's page, which is not part of
   * the story.
   */
  shownBy?(host: string): string | null;
  /** Routes outside Mattermost (the sandbox's own page). */
  extra(request: Request): Promise<Response | null>;
}

/** How long a crashed plugin stays down. The real server checks every 30 s, which nobody wants to watch. */
const RESTART_DELAY_MS = 1_000;

export class MattermostServer {
  /** Makes plugin API calls fail. */
  fault: Fault | undefined;
  /** Crashes of a node within an hour after which the real server gives up (plugin/health_check.go). */
  crashLimit = 3;
  /**
   * The command of the next process; undefined is the bundle's executable. Specs of upgrades change it.
   */
  command: readonly string[] | undefined;
  readonly #options: MattermostOptions;
  readonly #processes = new Map<string, PluginProcess>();
  readonly #crashes: number[] = [];
  /**
   * Nodes whose plugin died without the server noticing yet: it still sends requests there.
   */
  readonly #dead = new Set<string>();
  readonly sockets: WebSockets;
  readonly #rest: Hono;
  #server: Server<Client> | undefined;
  #turn = 0;
  #closing = false;
  #jobs: ReturnType<typeof setInterval> | undefined;

  constructor(options: MattermostOptions) {
    this.#options = options;
    this.command = options.command;
    this.#rest = new Hono().route(
      `${options.subpath}/api/v4`,
      restRoutes({
        ...{ world: options.world, bundle: options.bundle },
        node: () => this.#node(),
        toPlugin: (path, body, sessionId) => this.#ownRequest(path, body, sessionId),
        setPluginEnabled: (enabled) => this.#setPluginEnabled(enabled),
      }),
    );
    this.sockets = new WebSockets(options.world);
    options.world.watch((event) => this.sockets.tell(event));
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** Opens the port; `startPlugin` starts plugins separately. */
  listen(): void {
    this.#jobs = setInterval(() => this.#options.world.endTimedDnd(), 1_000);
    this.#server = Bun.serve<Client>({
      port: this.#options.port,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      maxRequestBodySize: 128 * 1024 * 1024,
      fetch: (request, server) => this.#answer(request, server),
      error: (error) => new Response(`500 internal server error\n${error.message}`, { status: 500 }),
      websocket: this.sockets.handler,
    });
  }

  async startPlugin(): Promise<void> {
    await Promise.all(this.#options.nodes.map((node) => this.#start(node)));
  }

  async stopPlugin(): Promise<void> {
    const running = [...this.#processes.values()];
    this.#processes.clear();
    this.#dead.clear();
    for (const each of running) this.#options.world.hookSinks.delete(each);
    await Promise.all(running.map((each) => each.stop()));
  }

  /** Like *Plugin Management*. Earlier crashes are forgotten. */
  async #setPluginEnabled(Enable: boolean): Promise<void> {
    const { world, bundle } = this.#options;
    const next = structuredClone(world.config);
    (next.PluginSettings.PluginStates as Record<string, object>)[bundle.id] = { Enable };
    world.saveConfig(next);
    await this.stopPlugin();
    this.#crashes.length = 0;
    if (Enable) await this.startPlugin();
  }

  async restartPlugin(): Promise<void> {
    await this.stopPlugin();
    await this.startPlugin();
  }

  process(node: string): PluginProcess | undefined {
    return this.#processes.get(node);
  }

  /** `kill -9` of one node's plugin; it restarts like after a real crash. */
  crash(node: string): void {
    this.#processes.get(node)?.crash();
  }

  async metrics(): Promise<Response> {
    const process = this.#processes.get(this.#options.nodes[0] ?? "");
    if (!process?.has("serveMetrics")) return new Response("404 page not found\n", { status: 404 });
    const request = pluginRequest(
      this.#options.world,
      new Request("http://localhost/metrics"),
      "/metrics",
      "127.0.0.1",
    );
    return process.serve("ServeMetrics", request);
  }

  close(): void {
    this.#closing = true;
    clearInterval(this.#jobs);
    for (const each of this.#processes.values()) each.kill();
    this.#server?.stop(true);
  }

  async #start(node: string): Promise<void> {
    const { world, bundle, wires, environment } = this.#options;
    const own = pluginApi(world, { pluginId: bundle.id, node, manifest: bundle, bundlePath: bundle.path });
    const api = watched(
      own,
      (method, args) => wires.add("api", method, { detail: describeCall(method, args), node }),
      (method, args) => this.fault?.(method, args),
    );
    const started = performance.now();
    const process = await PluginProcess.start({
      command: this.command ?? [bundle.executable],
      node,
      api,
      ...(environment && { environment }),
      onLog: (line) => world.log(node, "debug", line, { source: "plugin_stderr" }),
      onHook: (hook, args, took, error) =>
        wires.add("hook", hook, {
          took,
          node,
          ok: !error,
          detail: error ? error.message : describeCall(hook, args.slice(1)),
        }),
      onCrash: (reason) => this.#crashed(node, reason),
    });
    this.#dead.delete(node);
    this.#processes.set(node, process);
    world.hookSinks.add(process);
    wires.add("process", `plugin active, pid ${process.pid}`, { took: performance.now() - started, node });
  }

  #crashed(node: string, reason: string): void {
    const { world, wires } = this.#options;
    const process = this.#processes.get(node);
    this.#processes.delete(node);
    if (process) world.hookSinks.delete(process);
    if (this.#closing) return;
    wires.add("process", `plugin ended: ${reason}`, { ok: false, node });
    const hourAgo = Date.now() - 3_600_000;
    this.#crashes.push(Date.now());
    if (this.#crashes.filter((at) => at > hourAgo).length >= this.crashLimit * this.#options.nodes.length) {
      wires.add("process", "crashed three times within an hour: deactivated", { ok: false, node });
      return;
    }
    this.#dead.add(node);
    setTimeout(() => {
      if (!this.#closing && this.#dead.delete(node))
        this.#start(node).catch((error) => wires.add("process", String(error), { ok: false, node }));
    }, RESTART_DELAY_MS);
  }

  /** The node that answers the present request: nodes take turns. */
  #node(): string {
    const nodes = this.#options.nodes;
    return nodes[this.#turn++ % nodes.length] ?? "";
  }

  async #answer(request: Request, server: Server<Client>): Promise<Response | undefined> {
    const { subpath, world, bundle } = this.#options;
    const url = new URL(request.url);
    const other = await this.#options.extra(request);
    if (other) return other;
    if (subpath !== "" && url.pathname !== subpath && !url.pathname.startsWith(`${subpath}/`))
      return new Response("404 page not found\n", { status: 404 });
    const path = url.pathname.slice(subpath.length) || "/";

    if (path === "/api/v4/websocket") return this.sockets.upgrade(request, server);
    if (path.startsWith("/api/v4/")) return this.#rest.fetch(request);
    const [, , id = "", ...rest] = path.split("/");
    if (path.startsWith("/plugins/")) {
      if (id !== bundle.id || this.#processes.size + this.#dead.size === 0)
        return new Response("404 page not found\n", { status: 404 });
      if (rest[0] === "public") return publicFile(bundle.path, rest.slice(1).join("/"), request);
      return this.#toPlugin(
        request,
        `/${rest.join("/")}${url.search}`,
        server.requestIP(request)?.address ?? "",
      );
    }
    if (bundle.webappPath && path === bundle.webappPath)
      return new Response(Bun.file(bundle.webappFile), { headers: { "Cache-Control": "no-cache" } });

    const page = await this.#options.page(path, request);
    if (!page) return new Response("404 page not found\n", { status: 404 });
    // Always, whatever the policy says: browsers ignore it beside frame-ancestors.
    page.headers.set("X-Frame-Options", "SAMEORIGIN");
    const ancestors = [world.config.ServiceSettings.FrameAncestors, this.#options.shownBy?.(url.hostname)]
      .map((source) => String(source ?? "").trim())
      .filter((source) => source !== "")
      .join(" ");
    page.headers.set(
      "Content-Security-Policy",
      `frame-ancestors 'self'${ancestors === "" ? "" : ` ${ancestors}`}; script-src 'self'`,
    );
    return page;
  }

  /**
   * App.DoActionRequest: what is pressed or submitted, sent in the name of the session with its token. `/plugins/…`
   * goes to the plugin without a network. A sub-path before it makes it an address without a host, which fails: with
   * the sub-path an address must be complete.
   */
  async #ownRequest(address: string, body: object, sessionId: string): Promise<Response> {
    const { bundle, subpath, world } = this.#options;
    const local = posix.normalize(address).replace(/^\/?plugins\//, "/plugins/");
    const site = new URL(String(world.config.ServiceSettings.SiteURL));
    const url = URL.parse(local.startsWith("/plugins/") ? `http://plugin${local}` : address);
    if (!url) return new Response("unsupported protocol scheme", { status: 400 });
    const before = local.startsWith("/plugins/") ? "" : subpath;
    const prefix = `${before}/plugins/${bundle.id}/`;
    const isOurs = local.startsWith("/plugins/") || url.hostname === site.hostname;
    if (!isOurs || !url.pathname.startsWith(prefix)) return new Response("not a plugin", { status: 404 });
    const target = `/${url.pathname.slice(prefix.length)}${url.search}`;
    const headers = {
      "Content-Type": "application/json",
      Authorization: `Bearer ${world.sessions.get(sessionId)?.Token ?? ""}`,
    };
    return this.#toPlugin(
      new Request(`http://localhost${target}`, { method: "POST", headers, body: JSON.stringify(body) }),
      target,
      "",
    );
  }

  async #toPlugin(request: Request, target: string, address: string): Promise<Response> {
    const node = request.headers.get("x-sandbox-node") ?? this.#node();
    const process = this.#processes.get(node) ?? [...this.#processes.values()][0];
    if (!process) return new Response("500 internal server error", { status: 500 });
    const started = performance.now();
    const response = await process.serve(
      "ServeHTTP",
      pluginRequest(this.#options.world, request, target, address),
    );
    this.#options.wires.add("hook", `serveHTTP ${request.method} ${target.split("?")[0]}`, {
      took: performance.now() - started,
      ok: response.status < 400,
      detail: String(response.status),
      node: process.node,
    });
    return response;
  }
}
