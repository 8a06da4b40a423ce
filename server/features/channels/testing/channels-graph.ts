/**
 * A fake Graph for linked channels, with a clock that a test moves. Tokens are names of people: it sees who asks with
 * which permissions, as the real one does.
 */

import { Hono } from "hono";
import type { GraphToken } from "../../../../e2e/sandbox/entra/server.ts";
import type { SentChange } from "../../../../e2e/sandbox/graph/changes.ts";
import { takeRange } from "../../../../e2e/sandbox/graph/channel-drives.ts";
import { Refusal } from "../../../../e2e/sandbox/graph/refusal.ts";
import { teamRoutes } from "../../../../e2e/sandbox/graph/team-routes.ts";
import { TeamsChannels } from "../../../../e2e/sandbox/graph/teams-channels.ts";
import { Tenant } from "../../../../e2e/sandbox/tenant.ts";
import { createGraphClient } from "../../../microsoft/graph/client.ts";
import type { Fetch } from "../../../microsoft/network/index.ts";
import { FakeClock } from "../../../platform/work/testing/fake-clock.ts";
import { FixedConfig } from "../../sign-in/testing/sign-in-world.ts";
import { channelPermissions } from "../feature.ts";

export const SITE = "https://chat.example.com";
export const GRAPH = "https://graph.test";
export const APP = "app";

const namesOf = (kind: string) =>
  channelPermissions.filter((one) => one.kind === kind).map(({ name }) => name);

/** Microsoft's side: Teams, tokens, and the Graph client of the plugin. */
export class ChannelsGraph {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 28, 9));
  readonly tenant = new Tenant("example.com");
  readonly channels = new TeamsChannels(this.tenant, () => this.#graphHost);
  /** Graph calls that change or read something, as `POST /teams/…`. */
  readonly calls: string[] = [];
  readonly config: FixedConfig;
  /** Object IDs of people whose connection works. */
  readonly connected = new Set<string>();
  /** Permissions of the app, and of everybody who is connected. */
  roles = new Set(namesOf("application"));
  scopes = new Set(namesOf("delegated"));
  /** Called before each Graph call; may return a response in place of the fake's. */
  intercept: (method: string, path: string, token: GraphToken) => Response | null | Promise<Response | null> =
    () => null;
  /** Called after a Graph call was carried out: true loses its answer. */
  lose: (method: string, path: string) => boolean = () => false;
  /** Receives what Teams reports, in order; a test may hold it back, repeat it or reorder it. */
  deliver: (change: SentChange) => void = (change) => this.pending.push(change);
  readonly pending: SentChange[] = [];
  #answering = 0;
  #graphHost = GRAPH;
  readonly #app: Hono<{ Variables: { token: GraphToken } }>;

  constructor(raw: Record<string, unknown> = {}) {
    this.clock.isBusy = () => this.#answering > 0;
    this.channels.now = this.clock.now;
    this.channels.drives.graphUrl = () => GRAPH;
    this.channels.onChange = (change) => this.deliver(change);
    this.config = new FixedConfig(
      {
        m365_tenant_id: this.tenant.id,
        m365_client_id: "b0b0b0b0-0000-4000-8000-000000000001",
        m365_client_secret: "secret",
        national_cloud: "custom",
        custom_login_url: "https://login.test",
        custom_graph_url: GRAPH,
        custom_teams_url: "https://teams.test",
        channels_enabled: true,
        ...raw,
      },
      SITE,
    );
    this.#app = this.#graphApp();
  }

  graphOf(appToken: () => string) {
    const fetch: Fetch = async (url, init) => {
      const { pathname, search } = new URL(String(url));
      const method = init?.method ?? "GET";
      const path = (pathname + search).replace("/v1.0", "");
      this.calls.push(`${method} ${path}`);
      const bearer = new Headers(init?.headers).get("authorization") ?? "";
      const instead = await this.intercept(method, path, this.#read(bearer));
      if (instead) return instead;
      const upload = /^\/upload\/([^/?]+)$/.exec(pathname)?.[1];
      if (upload)
        return this.#answer(() =>
          takeRange(this.channels.drives, upload, new Request(String(url), init as RequestInit)),
        );
      const response = await this.#answer(async () =>
        this.#app.fetch(new Request(String(url), init as RequestInit)),
      );
      if (this.lose(method, path)) throw new Error("the answer was lost");
      return response;
    };
    return createGraphClient({
      config: this.config,
      tokens: { token: async () => appToken() },
      fetch,
      now: this.clock.now,
      sleep: async () => {},
      random: () => 1,
    });
  }

  /** Bodies are read beside the turns of the clock: on a busy machine that takes longer. */
  async #answer(make: () => Promise<Response>): Promise<Response> {
    this.#answering += 1;
    try {
      return await make();
    } finally {
      this.#answering -= 1;
    }
  }

  tokenOf(who: string): string {
    return `token-of-${who}`;
  }

  #read(bearer: string): GraphToken {
    const who = bearer.replace(/^Bearer token-of-/, "");
    const isApp = who === APP;
    return {
      appid: APP,
      oid: isApp ? null : who,
      roles: isApp ? [...this.roles] : [],
      scp: isApp ? [] : [...this.scopes],
      exp: 0,
    };
  }

  #graphApp() {
    const app = new Hono<{ Variables: { token: GraphToken } }>().basePath("/v1.0");
    app.onError((error) => {
      const refusal =
        error instanceof Refusal ? error : new Refusal(500, "InternalServerError", error.message);
      return refusal.response("request");
    });
    app.use(async (c, next) => {
      c.set("token", this.#read(c.req.header("authorization") ?? ""));
      return next();
    });
    app.get("/users/:id", (c) => {
      const person = this.tenant.person(c.req.param("id"));
      if (!person) throw new Refusal(404, "NotFound", "no such user");
      const userType = person.guest ? "Guest" : "Member";
      return c.json({ id: person.objectId, displayName: person.displayName, userType });
    });
    app.route("/", teamRoutes(this.channels));
    app.notFound(() => new Refusal(404, "ResourceNotFound", "no such segment").response("request"));
    return app;
  }

  /** Makes the fake Graph answer for the configured cloud. */
  redirectGraph(): void {
    this.#graphHost = new URL(this.config.current.cloud.graphUrl).origin;
  }
}
