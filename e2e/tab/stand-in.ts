/**
 * The tab alone: the real page and the real bundle, with small stand-ins around them. The host is http://127.0.0.1
 * and Mattermost is http://localhost: different sites for a browser, so that third-party rules apply. The sandbox
 * tests the whole product over the real protocols; here every state is reached in milliseconds.
 */

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pageRoutes, readPageParts, type ShownConfig } from "../../server/features/sign-in/page.ts";
import { clouds, customCloud } from "../../server/microsoft/clouds/clouds.ts";
import { mountRoutes } from "../../server/platform/http/testing/mount-routes.ts";
import { applicationIdUri, parseSiteUrl } from "../../server/platform/settings/site-url.ts";
import { type HostSettings, hostPage } from "./host-page.ts";
import { FILE_NAME, FILES, LARGE_SIZE, SMALL_TEXT } from "./mattermost-links.ts";
import { mattermostPage, mattermostScript } from "./mattermost-page.ts";

export const TENANT = "00000000-0000-4000-8000-000000000001";
const CLIENT = "00000000-0000-4000-8000-000000000002";
const built = new URL("../../dist/webapp/tab/", import.meta.url);

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly at: number;
}

export type Answer = (body: Record<string, unknown>) => {
  status?: number;
  json?: unknown;
  html?: string;
  /** `window`: cookies as the server's own login sets them, for a page that is no frame. */
  cookies?: boolean | "window";
};

export class TabStandIn {
  readonly requests: Seen[] = [];
  /** The answers of the plugin's own routes; a spec replaces one to cause a failure. */
  session: Answer = () => ({ json: { location: `${this.subpath}/` }, cookies: true });
  redeem: Answer = () => ({ json: { location: `${this.subpath}/` }, cookies: true });
  location: Answer = ({ subPageId }) => ({
    json: { location: `${this.subpath}/team/channels/${subPageId}` },
  });
  handover: Answer = () => ({ json: { code: "c".repeat(43) } });
  ticket: Answer = () => ({ json: { ticket: "t".repeat(43) } });
  window: Answer = () => ({ json: { code: "w".repeat(43) } });
  windowRedeem: Answer = () => ({ json: { ok: true }, cookies: "window" });
  /** False: every session has ended. */
  sessionsLive = true;
  /** 404 or 501: the plugin is disabled; these are the server's answers for its static files and routes. */
  pluginStatus = 200;
  /** The answer of a proxy in place of Mattermost. */
  proxyPage: string | null = null;
  /** The signed-in member's teams, as REST v4 answers them. */
  teams: Record<string, unknown>[] = [];
  channels: Record<string, unknown>[] = [];
  preferences: { category: string; name: string; value: string }[] = [];
  /** `SameSite=None; Secure` with or without `Partitioned`. */
  partitioned = true;
  readonly subpath: string;
  /** Built by hand: this runs on Node, which cannot load the word tables behind `buildConfig`. */
  #config: ShownConfig = { cloud: clouds.commercial, registration: null, siteUrl: null };
  #servers: Server[] = [];
  #host: HostSettings = { tabUrl: "" };
  mattermost = "";
  host = "";

  private constructor(subpath: string) {
    this.subpath = subpath;
  }

  static async start(options: { configured?: boolean; subpath?: string } = {}): Promise<TabStandIn> {
    const standIn = new TabStandIn(options.subpath ?? "");
    const host = await standIn.#listen((request, response) => standIn.#asHost(request, response));
    const port = await standIn.#listen((request, response) => void standIn.#asMattermost(request, response));
    standIn.host = `http://127.0.0.1:${host}`;
    standIn.mattermost = `http://localhost:${port}${standIn.subpath}`;
    const siteUrl = parseSiteUrl(standIn.mattermost);
    const urls = { login: "https://login.invalid", graph: "https://graph.invalid", teams: standIn.host };
    const registration =
      siteUrl && options.configured !== false
        ? { tenantId: TENANT, clientId: CLIENT, applicationIdUri: applicationIdUri(siteUrl, CLIENT) }
        : null;
    standIn.#config = { cloud: customCloud(urls), registration, siteUrl };
    return standIn;
  }

  /** The address of the host page that shows the tab. */
  hostUrl(settings: Partial<HostSettings> = {}, query = ""): string {
    this.#host = { tabUrl: `${this.mattermost}/plugins/mission-collaboration/tab${query}`, ...settings };
    return `${this.host}/`;
  }

  asked(path: string): readonly Seen[] {
    return this.requests.filter((request) => request.path === path);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(this.#servers.map((server) => new Promise((done) => server.close(done))));
  }

  /** Makes the server unreachable: connections are refused from now on. */
  async vanish(): Promise<void> {
    const server = this.#servers[1];
    server?.closeAllConnections();
    await new Promise((done) => server?.close(done));
  }

  async #listen(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
    const server = createServer(handler);
    this.#servers.push(server);
    await new Promise<void>((listening) => server.listen(0, "localhost", listening));
    // `localhost` may be only ::1; the host page needs the address 127.0.0.1.
    const { port, address } = server.address() as AddressInfo;
    if (address !== "127.0.0.1") {
      const twin = createServer(handler);
      this.#servers.push(twin);
      await new Promise<void>((listening) => twin.listen(port, "127.0.0.1", listening));
    }
    return port;
  }

  #asHost(_request: IncomingMessage, response: ServerResponse): void {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(hostPage(this.#host));
  }

  async #asMattermost(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    const url = new URL(incoming.url ?? "/", this.mattermost);
    const path = url.pathname.slice(this.subpath.length);
    this.requests.push({ method: incoming.method ?? "", path, body, at: performance.now() });

    const plugin = "/plugins/mission-collaboration";
    if (this.pluginStatus !== 200 && path.startsWith(plugin)) {
      outgoing.statusCode = this.pluginStatus;
      outgoing.end("404 page not found\n");
      return;
    }
    if (path.startsWith(`${plugin}/public/tab/`)) {
      const file = path.slice(`${plugin}/public/tab/`.length);
      outgoing.setHeader("Content-Type", file.endsWith(".js") ? "text/javascript" : "application/json");
      outgoing.end(await readFile(new URL(file, built)));
      return;
    }
    const answers: Record<string, Answer> = {
      [`${plugin}/api/v1/session`]: this.session,
      [`${plugin}/api/v1/session/redeem`]: this.redeem,
      [`${plugin}/api/v1/session/handover`]: this.handover,
      [`${plugin}/api/v1/location`]: this.location,
      [`${plugin}/api/v1/files/ticket`]: this.ticket,
      [`${plugin}/api/v1/session/window`]: this.window,
      [`${plugin}/api/v1/session/window/redeem`]: this.windowRedeem,
    };
    if (path === `${plugin}/api/v1/session/end`) {
      this.#setCookies(outgoing, "; Max-Age=0");
      outgoing.statusCode = 204;
      outgoing.end();
      return;
    }
    const answer = answers[path];
    if (answer) return this.#answer(outgoing, answer(JSON.parse(body || "{}") as Record<string, unknown>));
    if (path.startsWith(`${plugin}/files/`)) return this.#redeemTicket(outgoing);
    if (path.startsWith(plugin)) return this.#page(incoming, outgoing, url, path.slice(plugin.length));
    if (path.startsWith("/api/v4/files/")) return this.#file(incoming, outgoing, path.split("/")[4] ?? "");
    if (path.startsWith("/api/v4/")) return this.#api(incoming, outgoing, path.slice("/api/v4".length), body);
    if (path === "/static/main.0123abcd.js") {
      outgoing.setHeader("Content-Type", "text/javascript");
      outgoing.setHeader("Cache-Control", "max-age=31536000, public");
      outgoing.end(mattermostScript(this.subpath));
      return;
    }
    if (path === "/static/main.0123abcd.css") {
      outgoing.setHeader("Content-Type", "text/css");
      outgoing.setHeader("Cache-Control", "max-age=31536000, public");
      outgoing.end("body{font-family:sans-serif}");
      return;
    }
    // A provider that signs the person in at once and redirects back, like the server after SAML.
    if (path === "/login/sso/saml") {
      this.#setCookies(outgoing);
      outgoing.statusCode = 302;
      outgoing.setHeader("Location", `${url.searchParams.get("redirect_to") ?? "/"}`);
      outgoing.end();
      return;
    }
    outgoing.setHeader("Content-Type", "text/html; charset=utf-8");
    outgoing.setHeader("Content-Security-Policy", `frame-ancestors 'self' ${this.host}`);
    outgoing.end(this.proxyPage ?? mattermostPage(this.subpath));
  }

  async #page(incoming: IncomingMessage, outgoing: ServerResponse, url: URL, path: string): Promise<void> {
    const parts = readPageParts(JSON.parse(await readFile(new URL("assets.json", built), "utf8")));
    const config = { current: this.#config, onChange: () => () => {} };
    const routes = mountRoutes(pageRoutes({ pluginId: "mission-collaboration", config, parts: () => parts }));
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
    const response = await routes.request(`http://plugin${path}${url.search}`, { headers });
    outgoing.statusCode = response.status;
    for (const [name, value] of response.headers) outgoing.setHeader(name, value);
    outgoing.end(await response.text());
  }

  #answer(outgoing: ServerResponse, answer: ReturnType<Answer>): void {
    outgoing.statusCode = answer.status ?? 200;
    if (answer.cookies) {
      this.sessionsLive = true;
      if (answer.cookies === "window") this.#setWindowCookies(outgoing);
      else this.#setCookies(outgoing);
    }
    outgoing.setHeader("Content-Type", answer.html === undefined ? "application/json" : "text/html");
    outgoing.end(answer.html ?? JSON.stringify(answer.json));
  }

  #setCookies(outgoing: ServerResponse, life = ""): void {
    const kind = `Path=${this.subpath || "/"}; Secure; SameSite=None${this.partitioned ? "; Partitioned" : ""}${life}`;
    outgoing.setHeader("Set-Cookie", [
      `MMAUTHTOKEN=live; ${kind}; HttpOnly`,
      `MMUSERID=${"u".repeat(26)}; ${kind}`,
      `MMCSRF=csrf; ${kind}`,
    ]);
  }

  #setWindowCookies(outgoing: ServerResponse): void {
    const kind = `Path=${this.subpath || "/"}; Secure; SameSite=Lax`;
    outgoing.setHeader("Set-Cookie", [`MMAUTHTOKEN=live; ${kind}; HttpOnly`, `MMCSRF=csrf; ${kind}`]);
  }

  /** Answers like the plugin (server/features/sign-in/handed-out.ts). */
  #redeemTicket(outgoing: ServerResponse): void {
    const path = `${this.subpath}/api/v4/files/${FILES.large}`;
    outgoing.statusCode = 303;
    outgoing.setHeader("Location", `${path}?download=1`);
    outgoing.setHeader(
      "Set-Cookie",
      `MMAUTHTOKEN=live; Path=${path}; Max-Age=60; HttpOnly; Secure; SameSite=None; Partitioned`,
    );
    outgoing.end();
  }

  #file(incoming: IncomingMessage, outgoing: ServerResponse, id: string): void {
    const signedIn = this.sessionsLive && /MMAUTHTOKEN=live/.test(incoming.headers.cookie ?? "");
    const status = !signedIn ? 401 : id === FILES.refused ? 403 : 200;
    if (status !== 200) {
      outgoing.statusCode = status;
      outgoing.setHeader("Content-Type", "application/json");
      outgoing.end(JSON.stringify({ id: "api.context.session_expired.app_error", status_code: status }));
      return;
    }
    const bytes = id === FILES.large ? Buffer.alloc(LARGE_SIZE, "x") : Buffer.from(SMALL_TEXT);
    outgoing.setHeader("Content-Type", "application/octet-stream");
    outgoing.setHeader("Content-Length", bytes.length);
    const name = encodeURIComponent(FILE_NAME);
    outgoing.setHeader("Content-Disposition", `attachment;filename="file.txt"; filename*=UTF-8''${name}`);
    if (id !== FILES.broken) outgoing.end(bytes);
    else outgoing.write(bytes.subarray(0, 5), () => outgoing.destroy());
  }

  #api(incoming: IncomingMessage, outgoing: ServerResponse, path: string, body: string): void {
    const [status, value] = this.#apiAnswer(incoming, outgoing, path, body);
    outgoing.statusCode = status;
    outgoing.setHeader("Content-Type", "application/json");
    outgoing.end(JSON.stringify(value));
  }

  #apiAnswer(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    path: string,
    body: string,
  ): [status: number, value: unknown] {
    if (path === "/users/login") {
      this.sessionsLive = true;
      this.#setCookies(outgoing);
      return [200, {}];
    }
    if (!this.sessionsLive || !/MMAUTHTOKEN=live/.test(incoming.headers.cookie ?? "")) return [401, {}];
    if (path === "/users/me") return [200, { id: "u".repeat(26), username: "anna" }];
    if (path === "/users/me/teams") return [200, this.teams];
    if (path === "/users/me/channels") return [200, this.channels];
    if (path === "/users/logout") {
      this.sessionsLive = false;
      return [200, {}];
    }
    if (path.endsWith("/preferences") && incoming.method === "PUT") {
      const fresh = JSON.parse(body) as typeof this.preferences;
      const replaced = (old: (typeof fresh)[number]) =>
        fresh.some((one) => one.category === old.category && one.name === old.name);
      this.preferences = [...this.preferences.filter((old) => !replaced(old)), ...fresh];
      return [200, {}];
    }
    return path.endsWith("/preferences") ? [200, this.preferences] : [404, {}];
  }
}
