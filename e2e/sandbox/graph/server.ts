/** The fake Microsoft Graph over TLS: activity feed, catalog, installs, directory. */

import { Hono } from "hono";
import type { Entra, GraphToken } from "../entra/server.ts";
import type { Tenant } from "../tenant.ts";
import type { Authority } from "../tls/authority.ts";
import { type Place, TlsServer } from "../tls/server.ts";
import { WireLog } from "../wire-log.ts";
import { type Sender, sendToRecipients, sendToUser } from "./activities.ts";
import { answerBatch } from "./batch.ts";
import { Calendars } from "./calendars.ts";
import { catalogJson, publishPackage, updatePackage } from "./catalog.ts";
import { chatRoutes } from "./chat-routes.ts";
import { Chats } from "./chats.ts";
import { directoryRoutes } from "./directory.ts";
import { Drives } from "./drives.ts";
import { eventRoutes } from "./events.ts";
import { Presences } from "./presence.ts";
import { forbidden, notFound, Refusal } from "./refusal.ts";
import { Subscriptions } from "./subscriptions.ts";
import { teamRoutes } from "./team-routes.ts";
import { TeamsChannels } from "./teams-channels.ts";
import { Throttle } from "./throttle.ts";

export interface GraphFaults {
  delayMs: number;
  unreachable: boolean;
  /** Replaces the real answer of the next `failNext` requests whose path contains `failPath`. */
  status: number | null;
  retryAfter: number | null;
  failPath: string;
  failNext: number;
}

const noFaults: GraphFaults = {
  delayMs: 0,
  unreachable: false,
  status: null,
  retryAfter: null,
  failPath: "",
  failNext: Number.MAX_SAFE_INTEGER,
};

export interface RecordedRequest {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
}

type Vars = { Variables: { token: GraphToken } };

export class Graph {
  readonly faults: GraphFaults = { ...noFaults };
  readonly throttle = new Throttle();
  readonly subscriptions: Subscriptions;
  readonly channels: TeamsChannels;
  readonly chats: Chats;
  readonly presence: Presences;
  readonly drives: Drives;
  readonly calendars: Calendars;
  readonly requests: RecordedRequest[] = [];
  /** Base address of links to next pages, for requests that do not come over the network. */
  publicUrl: string | null = null;
  readonly #tenant: Tenant;
  readonly #entra: Entra;
  readonly #wires: WireLog;
  readonly #server: TlsServer;
  readonly #app: Hono<Vars>;

  constructor(
    tenant: Tenant,
    entra: Entra,
    authority: Authority,
    { wires = new WireLog(), place }: { readonly wires?: WireLog; readonly place?: Place | undefined } = {},
  ) {
    this.#tenant = tenant;
    this.#entra = entra;
    this.#wires = wires;
    this.subscriptions = new Subscriptions({ tenant, entra, authority, wires });
    this.channels = new TeamsChannels(tenant, () => this.url);
    this.channels.onChange = (change) => void this.subscriptions.notify(change);
    this.chats = new Chats(tenant, this.subscriptions, () => this.url);
    this.presence = new Presences(tenant);
    this.drives = new Drives(tenant, () => this.url);
    this.calendars = new Calendars({
      tenant,
      notify: (change) => this.subscriptions.notify(change),
      url: () => this.publicUrl ?? this.url,
    });
    this.#app = this.#routes();
    this.#server = new TlsServer(authority, (request) => this.answer(request), place);
  }

  listen(port = 0): void {
    this.#server.listen(port);
    this.#entra.graphUrl = this.url;
  }

  close(): void {
    this.#server.close();
  }

  /** `custom_graph_url`. */
  get url(): string {
    return this.#server.url;
  }

  setFaults(faults: Partial<GraphFaults>): void {
    Object.assign(this.faults, faults);
    this.#server.setReachable(!this.faults.unreachable);
  }

  healthy(): void {
    this.setFaults(noFaults);
    this.throttle.enabled = true;
  }

  /** Requests of a test in the same process come here without the network. */
  async answer(request: Request): Promise<Response> {
    const started = performance.now();
    const url = new URL(request.url);
    const kept = request.clone();
    if (this.faults.delayMs > 0) await Bun.sleep(this.faults.delayMs);
    const response = this.#failureFor(url.pathname) ?? (await this.#app.fetch(request));
    const isJson = kept.headers.get("content-type")?.includes("json") === true;
    const body: unknown = isJson ? await kept.json().catch(() => null) : null;
    this.requests.push({
      at: Date.now(),
      method: request.method,
      path: url.pathname + url.search,
      body,
      status: response.status,
    });
    this.#wires.add("graph", `${request.method} ${url.pathname}`, {
      ok: response.status < 400,
      took: performance.now() - started,
      detail: `${response.status}${summary(body)}`,
    });
    return response;
  }

  #failureFor(path: string): Response | null {
    const { status, failPath, retryAfter } = this.faults;
    if (status === null || !path.includes(failPath) || this.faults.failNext <= 0) return null;
    this.faults.failNext--;
    const headers = retryAfter === null ? {} : { "Retry-After": String(retryAfter) };
    return new Refusal(status, "SandboxFault", "The sandbox was told to fail here.", { headers }).response(
      crypto.randomUUID(),
    );
  }

  #routes(): Hono<Vars> {
    const tenant = this.#tenant;
    const app = new Hono<Vars>().basePath("/v1.0");
    app.onError((error) => {
      const refusal =
        error instanceof Refusal ? error : new Refusal(500, "InternalServerError", error.message);
      return refusal.response(crypto.randomUUID());
    });
    app.route("/", this.drives.storageRoutes());
    app.use(async (c, next) => {
      const token = this.#entra.readGraphToken(c.req.header("authorization")?.replace(/^Bearer /i, "") ?? "");
      if (!token) throw new Refusal(401, "InvalidAuthenticationToken", "Access token validation failure.");
      c.set("token", token);
      return next();
    });
    const sender = (token: GraphToken): Sender => ({
      appId: token.appid,
      roles: token.roles,
      tokenExpires: token.exp,
    });

    app.post("/teamwork/sendActivityNotificationToRecipients", async (c) => {
      this.throttle.check("bulk", c.get("token").appid);
      sendToRecipients(tenant, this.url, sender(c.get("token")), await c.req.json());
      return c.body(null, 202);
    });
    app.post("/users/:id/teamwork/sendActivityNotification", async (c) => {
      this.throttle.check("oneUser", c.get("token").appid);
      sendToUser(tenant, sender(c.get("token")), c.req.param("id"), await c.req.json());
      return c.body(null, 204);
    });

    const mayPublish = (token: GraphToken) => {
      if (token.oid === null) throw forbidden("Application permissions are not supported for this request.");
      if (!token.scp.some((each) => each === "AppCatalog.Submit" || each === "AppCatalog.ReadWrite.All"))
        throw forbidden("Missing scope permissions on the request.");
    };
    app.get("/appCatalogs/teamsApps", (c) => {
      const token = c.get("token");
      this.throttle.check("read", token.appid);
      const granted = [...token.roles, ...token.scp];
      if (!granted.some((each) => /^AppCatalog\.(Read\.All|ReadWrite\.All|Submit)$/.test(each)))
        throw forbidden(
          "Missing role permissions on the request. API requires one of 'AppCatalog.Read.All, AppCatalog.ReadWrite.All'.",
        );
      const wanted = /^externalId eq '(.*)'$/.exec(c.req.query("$filter") ?? "")?.[1];
      const found = [...tenant.catalog.values()].filter((each) => !wanted || each.externalId === wanted);
      const expand = c.req.query("$expand")?.includes("appDefinitions") === true;
      return c.json({ value: found.map((each) => catalogJson(each, expand)) });
    });
    app.post("/appCatalogs/teamsApps", async (c) => {
      mayPublish(c.get("token"));
      const review = c.req.query("requiresReview") === "true";
      this.#mustAdminister(c.get("token"), review);
      return c.json(
        catalogJson(publishPackage(tenant, new Uint8Array(await c.req.arrayBuffer()), review), false),
        201,
      );
    });
    app.post("/appCatalogs/teamsApps/:id/appDefinitions", async (c) => {
      mayPublish(c.get("token"));
      const review = c.req.query("requiresReview") === "true";
      this.#mustAdminister(c.get("token"), review);
      updatePackage(tenant, c.req.param("id"), new Uint8Array(await c.req.arrayBuffer()), review);
      return c.body(null, 204);
    });
    app.patch("/appCatalogs/teamsApps/:id/appDefinitions/:definition", async (c) => {
      mayPublish(c.get("token"));
      this.#mustAdminister(c.get("token"), false);
      const definition = tenant.catalog
        .get(c.req.param("id"))
        ?.definitions.find((each) => each.id === c.req.param("definition"));
      if (!definition) throw notFound("The app definition");
      definition.publishingState = "published";
      return c.json(definition);
    });
    app.delete("/appCatalogs/teamsApps/:id", (c) => {
      mayPublish(c.get("token"));
      if (!tenant.catalog.delete(c.req.param("id"))) throw notFound("The app");
      return c.body(null, 204);
    });

    app.get("/users/:id/teamwork/installedApps", (c) => {
      const person = tenant.person(c.req.param("id"));
      if (!person) throw notFound("The user");
      const wanted = /externalId eq '(.*)'/.exec(c.req.query("$filter") ?? "")?.[1];
      const own = [...(tenant.installs.get(person.objectId) ?? [])].flatMap(([catalogId, id]) => {
        const teamsApp = tenant.catalog.get(catalogId);
        return teamsApp && (!wanted || teamsApp.externalId === wanted)
          ? [{ id, teamsApp: catalogJson(teamsApp, false) }]
          : [];
      });
      return c.json({ value: own });
    });
    app.post("/users/:id/teamwork/installedApps", async (c) => {
      const person = tenant.person(c.req.param("id"));
      if (!person) throw notFound("The user");
      const body = (await c.req.json()) as Record<string, string>;
      const catalogId = body["teamsApp@odata.bind"]?.split("/").at(-1) ?? "";
      if (!tenant.catalog.has(catalogId)) throw notFound("The app");
      if (tenant.isInstalled(person.objectId, catalogId))
        throw new Refusal(409, "Conflict", "The app is installed already.");
      tenant.installFor(person.objectId, catalogId);
      return c.body(null, 201);
    });
    app.route("/", directoryRoutes(tenant));
    app.route("/", this.subscriptions.routes());
    app.route("/", teamRoutes(this.channels));
    app.route("/", chatRoutes(this.chats));
    app.route("/", this.presence.routes());
    app.route("/", this.drives.routes());
    app.route("/", this.calendars.routes());
    app.route("/", eventRoutes(this.calendars));
    app.post("/$batch", async (c) =>
      c.json(
        await answerBatch(await c.req.json().catch(() => null), {
          authorization: c.req.header("authorization") ?? "",
          base: new URL(c.req.url).origin,
          fetch: async (request) => app.fetch(request),
        }),
      ),
    );
    app.notFound(() =>
      new Refusal(404, "ResourceNotFound", "Resource not found for the segment.").response(
        crypto.randomUUID(),
      ),
    );
    return app;
  }

  #mustAdminister(token: GraphToken, review: boolean): void {
    const roles = this.#tenant.people.get(token.oid ?? "")?.roles ?? [];
    if (!review && !roles.some((each) => each === "Global Administrator" || each === "Teams Administrator"))
      throw forbidden("The caller must be a Teams administrator.");
  }
}

function summary(body: unknown): string {
  if (typeof body !== "object" || body === null) return "";
  const { activityType, recipients, topic } = body as {
    activityType?: string;
    recipients?: unknown[];
    topic?: { value?: string };
  };
  if (!activityType) return "";
  return ` · ${activityType} “${topic?.value ?? ""}” to ${recipients ? `${recipients.length} people` : "one person"}`;
}
