/**
 * Change notifications of the fake Graph: it creates subscriptions as strictly as Graph, delivers with retries, and
 * has levers for everything that goes wrong with the real one.
 */

import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import type { Entra, GraphToken } from "../entra/server.ts";
import type { Tenant } from "../tenant.ts";
import type { Authority } from "../tls/authority.ts";
import type { WireLog } from "../wire-log.ts";
import { concerns, plain, type SentChange, type Subscription } from "./changes.ts";
import { commonOf, type Forgery, notificationOf, validationToken } from "./notifications.ts";
import { badRequest, forbidden, notFound } from "./refusal.ts";
import { familyOf, limitOf, readRenewal, readSubscription, requirePermission } from "./subscription-rules.ts";

export type LifecycleEvent = "reauthorizationRequired" | "subscriptionRemoved" | "missed";

export interface Delivery {
  readonly url: string;
  readonly body: string;
  readonly statuses: number[];
  /** Milliseconds of each answer. */
  readonly took: number[];
}

export interface SubscriptionPorts {
  readonly tenant: Tenant;
  readonly entra: Entra;
  readonly authority: Authority;
  readonly wires: WireLog;
}

/** Seconds between tries; about four hours in total. */
const RETRY_S = [10, 30, 60, 300, 900, 1_800, 3_600, 7_200];

export class Subscriptions {
  readonly all = new Map<string, Subscription>();
  readonly deliveries: Delivery[] = [];
  /** Lever: how many of the next changes are lost silently. */
  loseNext = 0;
  /** Lever: how often each POST is delivered. */
  times = 1;
  /** Lever: how the next changes are forged. */
  forgeNext: Forgery | null = null;
  /** Limit for all subscriptions of the organisation. */
  organisationLimit = 10_000;
  handshakeMs = 10_000;
  /** 1 is real time; tests make the gaps between retries shorter. */
  retryScale = 1;
  /** The clock; specs move it. */
  now: () => number = Date.now;
  /** Handshakes since the start, for specs. */
  handshakes = 0;
  readonly #ports: SubscriptionPorts;

  constructor(ports: SubscriptionPorts) {
    this.#ports = ports;
  }

  routes(): Hono<{ Variables: { token: GraphToken } }> {
    const app = new Hono<{ Variables: { token: GraphToken } }>();
    app.post("/subscriptions", async (c) => {
      const made = await this.#create(c.get("token"), await c.req.json().catch(() => null));
      return c.json(toJson(made, made.clientState), 201);
    });
    app.get("/subscriptions", (c) => {
      const own = [...this.all.values()].filter((one) => this.#isAlive(one) && isOwn(one, c.get("token")));
      const from = Number(c.req.query("$skiptoken") ?? 0);
      const page = own.slice(from, from + 20).map((one) => toJson(one, null));
      const url = new URL(c.req.url);
      url.searchParams.set("$skiptoken", String(from + 20));
      return c.json({ value: page, ...(own.length > from + 20 && { "@odata.nextLink": url.href }) });
    });
    app.get("/subscriptions/:id", (c) => c.json(toJson(this.#find(c.req.param("id"), c.get("token")), null)));
    app.patch("/subscriptions/:id", async (c) => {
      const one = this.#find(c.req.param("id"), c.get("token"));
      const renewal = readRenewal(
        await c.req.json().catch(() => null),
        one.resource,
        one.certificate !== null,
        this.now(),
      );
      one.expiresAt = renewal.expiresAt;
      if (renewal.certificate) one.certificate = renewal.certificate;
      return c.json(toJson(one, null));
    });
    app.post("/subscriptions/:id/reauthorize", (c) => {
      this.#find(c.req.param("id"), c.get("token"));
      return c.body(null, 204);
    });
    app.delete("/subscriptions/:id", (c) => {
      this.all.delete(this.#find(c.req.param("id"), c.get("token")).id);
      return c.body(null, 204);
    });
    return app;
  }

  /**
   * Sends one POST per subscriber address, with all changes that concern it. Resolves when all are delivered.
   */
  async notify(...changes: readonly SentChange[]): Promise<void> {
    const posts = new Map<string, { url: string; appId: string; entries: object[]; rich: boolean }>();
    const forgery = this.forgeNext;
    this.forgeNext = null;
    for (const change of changes) {
      if (this.loseNext > 0) {
        this.loseNext -= 1;
        continue;
      }
      const resource = plain(change.resource);
      for (const one of this.all.values()) {
        if (!this.#isAlive(one) || !concerns(one, change, resource)) continue;
        const key = `${one.notificationUrl} ${one.applicationId}`;
        const post = posts.get(key) ?? {
          url: one.notificationUrl,
          appId: one.applicationId,
          entries: [],
          rich: false,
        };
        post.entries.push(notificationOf(one, change, { tenantId: this.#ports.tenant.id, forgery }));
        post.rich ||= one.certificate !== null;
        posts.set(key, post);
      }
    }
    await Promise.all(
      [...posts.values()].map(({ url, appId, entries, rich }) => {
        const tokens =
          rich && forgery !== "no token"
            ? { validationTokens: [validationToken(appId, this.#ports.entra, { forgery, now: this.now() })] }
            : {};
        return this.#post(url, JSON.stringify({ value: entries, ...tokens }));
      }),
    );
  }

  /** Lever: a lifecycle event; `subscriptionRemoved` also ends the subscription. */
  async lifecycle(id: string, lifecycleEvent: LifecycleEvent): Promise<void> {
    const one = this.all.get(id);
    if (!one?.lifecycleNotificationUrl) return;
    if (lifecycleEvent === "subscriptionRemoved") this.all.delete(id);
    const entry = { ...commonOf(one, this.#ports.tenant.id), lifecycleEvent };
    await this.#post(one.lifecycleNotificationUrl, JSON.stringify({ value: [entry] }));
  }

  /** Lever: sends the last POST again, byte for byte. */
  async replay(): Promise<void> {
    const last = this.deliveries.at(-1);
    if (last) await this.#post(last.url, last.body);
  }

  /** Lever: ends a subscription silently. */
  expire(id: string): void {
    this.all.delete(id);
  }

  #isAlive(one: Subscription): boolean {
    if (one.expiresAt > this.now()) return true;
    this.all.delete(one.id);
    return false;
  }

  #find(id: string, token: GraphToken): Subscription {
    const one = this.all.get(id);
    if (!one || !this.#isAlive(one) || !isOwn(one, token)) throw notFound("The subscription");
    return one;
  }

  async #create(token: GraphToken, json: unknown): Promise<Subscription> {
    const body = readSubscription(json, this.now());
    requirePermission(token, body.resource);
    const alive = [...this.all.values()].filter((one) => this.#isAlive(one));
    if (alive.length >= this.organisationLimit)
      throw forbidden("The organization has reached its limit of subscriptions.");
    const same = alive.filter(
      (one) =>
        one.applicationId === token.appid &&
        one.resource.replace(/^\//, "").toLowerCase() === body.resource.replace(/^\//, "").toLowerCase(),
    );
    if (same.length >= limitOf(familyOf(body.resource)))
      throw forbidden(
        `Subscription operations have reached its limit of ${limitOf(familyOf(body.resource))} for this resource.`,
      );
    for (const url of new Set([body.notificationUrl, body.lifecycleNotificationUrl]))
      if (url !== null) await this.#handshake(url);
    const made: Subscription = {
      ...body,
      id: randomUUID(),
      applicationId: token.appid,
      creatorId: token.oid,
    };
    this.all.set(made.id, made);
    return made;
  }

  /** Graph's text is longer. Like Graph, it accepts only the decoded token. */
  async #handshake(url: string): Promise<void> {
    const token = `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()} <&+%>`;
    const response = await this.#fetch(
      `${url}?validationToken=${encodeURIComponent(token).replaceAll("%20", "+")}`,
      {
        method: "POST",
        headers: { "Content-Type": "text/plain; charset=utf-8" },
        signal: AbortSignal.timeout(this.handshakeMs),
      },
    ).catch((error: unknown) => {
      throw badRequest(`Subscription validation request failed. ${error instanceof Error ? error.name : ""}`);
    });
    const text = await response.text();
    const plain = response.headers.get("Content-Type")?.startsWith("text/plain") === true;
    if (response.status !== 200 || !plain || text !== token)
      throw badRequest(`Subscription validation request failed. Response was ${response.status}.`);
    this.handshakes += 1;
  }

  async #post(url: string, body: string): Promise<void> {
    const delivery: Delivery = { url, body, statuses: [], took: [] };
    this.deliveries.push(delivery);
    for (let time = 0; time < this.times; time += 1) await this.#deliver(delivery);
  }

  /** Retries until the answer is 2xx, with growing gaps, for about four hours. */
  async #deliver(delivery: Delivery): Promise<void> {
    for (const gap of [...RETRY_S, 0]) {
      const started = performance.now();
      const status = await this.#fetch(delivery.url, {
        method: "POST",
        headers: { "Content-Type": "application/json; charset=utf-8" },
        body: delivery.body,
        signal: AbortSignal.timeout(10_000),
      }).then(
        (response) => response.status,
        () => 0,
      );
      delivery.statuses.push(status);
      delivery.took.push(performance.now() - started);
      this.#ports.wires.add("graph", `notification: POST ${new URL(delivery.url).pathname}`, {
        ok: status >= 200 && status < 300,
        took: delivery.took.at(-1) ?? 0,
        detail: String(status),
      });
      if (status >= 200 && status < 300) return;
      await Bun.sleep(gap * 1_000 * this.retryScale);
    }
  }

  #fetch(url: string, init: RequestInit): Promise<Response> {
    return fetch(url, { ...init, redirect: "manual", tls: { ca: this.#ports.authority.certificate } });
  }
}

function isOwn(one: Subscription, token: GraphToken): boolean {
  return one.applicationId === token.appid && one.creatorId === token.oid;
}

function toJson(one: Subscription, clientState: string | null) {
  return {
    id: one.id,
    resource: one.resource,
    applicationId: one.applicationId,
    creatorId: one.creatorId ?? "00000000-0000-0000-0000-000000000000",
    changeType: one.changeType,
    // Graph shows it in the answer that creates the subscription, and never again.
    clientState,
    notificationUrl: one.notificationUrl,
    lifecycleNotificationUrl: one.lifecycleNotificationUrl,
    expirationDateTime: new Date(one.expiresAt).toISOString(),
    includeResourceData: one.certificate !== null,
    encryptionCertificate: null,
    encryptionCertificateId: one.certificate?.id ?? null,
  };
}
