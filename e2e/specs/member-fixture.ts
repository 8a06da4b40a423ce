/**
 * The web app of the sandbox with our real bundle in it, and a small server instead of the plugin's calendar, chats
 * and channels. It stores what the page sends, refuses on demand, and can send web socket events.
 */

import AxeBuilder from "@axe-core/playwright";
import type { Page, Route, WebSocketRoute } from "@playwright/test";
import { test as base, expect, type SandboxHandle } from "./fixtures.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
}

type Answer = { readonly status?: number; readonly json?: unknown } | "unreachable";
export type Handler = (asked: Asked) => Answer | Promise<Answer>;

export const refused = (status: number, code: string, more: object = {}): Answer => ({
  status,
  json: { code, message: code, requestId: "r1", ...more },
});

const PLUGIN = "/plugins/mission-collaboration";

export class MemberPage {
  readonly page: Page;
  readonly sandbox: SandboxHandle;
  readonly asked: Asked[] = [];
  features: Record<string, boolean> = {};
  connected = true;
  readonly #handlers = new Map<string, Handler>();
  #socket: WebSocketRoute | null = null;

  constructor(page: Page, sandbox: SandboxHandle) {
    this.page = page;
    this.sandbox = sandbox;
  }

  /** `GET /api/v1/calendar/events`; a `*` matches one segment. */
  on(route: string, handler: Handler): void {
    this.#handlers.set(route, handler);
  }

  async open(username = "alex", to = "/harbor/channels/operations"): Promise<void> {
    await this.page.routeWebSocket(/\/api\/v4\/websocket/, (socket) => {
      this.#socket = null;
      socket.connectToServer().onMessage((message) => {
        // The first message is the server's `hello`: the page listens.
        this.#socket = socket;
        socket.send(message);
      });
    });
    await this.page.route(
      (url) =>
        /\/plugins\/mission-collaboration\/api\/v1\/(features|connection|calendar|chats|channels)(\/|$)/.test(
          url.pathname,
        ),
      (route) => this.#answer(route),
    );
    await this.sandbox.enter(this.page, username, to);
    await expect(this.page.locator(`.app[data-user="${username}"] .channel-header`)).toBeVisible();
  }

  /** Sends an event of the plugin over the web socket, once the page has one. */
  async tell(event: string, data: object = {}): Promise<void> {
    await expect.poll(() => this.#socket !== null).toBe(true);
    this.#socket?.send(
      JSON.stringify({ event: `custom_mission-collaboration_${event}`, data, broadcast: { channel_id: "" } }),
    );
  }

  of(method: string, path: string): readonly Asked[] {
    return this.asked.filter((one) => one.method === method && one.path === path);
  }

  async noViolations(selector: string): Promise<void> {
    const { violations } = await new AxeBuilder({ page: this.page }).include(selector).analyze();
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
  }

  darken(): Promise<void> {
    return darken(this.page);
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const url = new URL(request.url());
    const asked: Asked = {
      method: request.method(),
      path: url.pathname.slice(url.pathname.indexOf(PLUGIN) + PLUGIN.length),
      query: url.searchParams,
      body: (request.postDataJSON() ?? {}) as Record<string, unknown>,
    };
    this.asked.push(asked);
    const answer = await this.#decide(asked);
    if (answer === "unreachable") return route.abort();
    const { json, status = 200 } = answer;
    return route.fulfill(json === undefined ? { status: 204 } : { status, json });
  }

  async #decide(asked: Asked): Promise<Answer> {
    const { method, path } = asked;
    for (const [pattern, handler] of this.#handlers) {
      const [verb, wanted = ""] = pattern.split(" ");
      const matches = new RegExp(`^${wanted.replaceAll("*", "[^/]+")}$`).test(path);
      if (verb === method && matches) return handler(asked);
    }
    if (path === "/api/v1/features") return { json: this.features };
    if (path === "/api/v1/connection")
      return {
        json: {
          connected: this.connected,
          mayConnect: true,
          mustConnect: false,
          maySkip: true,
          account: "alex@harbor.example",
          since: Date.UTC(2026, 10, 2),
        },
      };
    return refused(404, "not_found");
  }
}

/** Sets a dark theme with the web app's own colours. */
export async function darken(page: Page): Promise<void> {
  const colours = {
    "--center-channel-bg": "#1f2228",
    "--center-channel-color": "#e3e4e8",
    "--button-bg": "#3567d6",
    "--link-color": "#6f9bff",
    "--error-text": "#ff8a8d",
  };
  const rules = Object.entries(colours).map(([name, colour]) => {
    const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    return `${name}: ${colour} !important; ${name}-rgb: ${parts.join(", ")} !important;`;
  });
  await page.addStyleTag({ content: `:root { ${rules.join(" ")} }` });
}

export const test = base.extend<{ member: MemberPage }>({
  member: async ({ page, sandbox }, use) => use(new MemberPage(page, sandbox)),
});

export { expect };
