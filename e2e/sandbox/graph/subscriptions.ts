/**
 * Change notifications of the fake Graph: it creates subscriptions as strictly as Graph, delivers with retries, and
 * has levers for everything that goes wrong with the real one.
 */

import {
  constants,
  createCipheriv,
  createHmac,
  publicEncrypt,
  randomBytes,
  randomUUID,
  X509Certificate,
} from "node:crypto";
import { Hono } from "hono";
import { newSigningKey, signJwt } from "../entra/keys.ts";
import type { Entra, GraphToken } from "../entra/server.ts";
import type { Tenant } from "../tenant.ts";
import type { Authority } from "../tls/authority.ts";
import type { WireLog } from "../wire-log.ts";
import { badRequest, forbidden, notFound } from "./refusal.ts";
import {
  familyOf,
  limitOf,
  readRenewal,
  readSubscription,
  requirePermission,
  type SubscriptionBody,
} from "./subscription-rules.ts";

export interface Subscription extends Omit<SubscriptionBody, "expiresAt" | "certificate"> {
  readonly id: string;
  readonly applicationId: string;
  /** The creator, by their token; null is the app itself. */
  readonly creatorId: string | null;
  expiresAt: number;
  certificate: SubscriptionBody["certificate"];
}

export interface SentChange {
  /** The resource as the notification names it: `chats('19:…')/messages('17…')`. */
  readonly resource: string;
  readonly changeType: "created" | "updated" | "deleted";
  /** The full resource; its `etag` is the notification's. */
  readonly data: Readonly<Record<string, unknown>>;
}

export const forgeries = [
  "client state",
  "no client state",
  "tenant",
  "subscription",
  "token signature",
  "token audience",
  "token issuer",
  "token sender",
  "token expired",
  "no token",
  "content signature",
  "content key",
  "plain",
] as const;
export type Forgery = (typeof forgeries)[number];

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

export const CHANGE_TRACKING_APP_ID = "0bf30f3b-4a52-48df-9a82-234910c4a086";
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
  readonly #strangersKey = newSigningKey("stranger");

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
        post.entries.push(this.#entry(one, change, forgery));
        post.rich ||= one.certificate !== null;
        posts.set(key, post);
      }
    }
    await Promise.all(
      [...posts.values()].map(({ url, appId, entries, rich }) => {
        const tokens =
          rich && forgery !== "no token" ? { validationTokens: [this.#token(appId, forgery)] } : {};
        return this.#post(url, JSON.stringify({ value: entries, ...tokens }));
      }),
    );
  }

  /** Lever: a lifecycle event; `subscriptionRemoved` also ends the subscription. */
  async lifecycle(id: string, lifecycleEvent: LifecycleEvent): Promise<void> {
    const one = this.all.get(id);
    if (!one?.lifecycleNotificationUrl) return;
    if (lifecycleEvent === "subscriptionRemoved") this.all.delete(id);
    const entry = { ...this.#common(one), lifecycleEvent };
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

  #common(one: Subscription) {
    return {
      subscriptionId: one.id,
      subscriptionExpirationDateTime: new Date(one.expiresAt).toISOString(),
      clientState: one.clientState,
      tenantId: this.#ports.tenant.id,
    };
  }

  #entry(one: Subscription, { resource, changeType, data }: SentChange, forgery: Forgery | null): object {
    const etag = data.etag ?? data["@odata.etag"];
    const id = /\('([^']*)'\)$/.exec(resource)?.[1] ?? resource.split("/").at(-1);
    const entry: Record<string, unknown> = {
      ...this.#common(one),
      id: randomUUID(),
      changeType,
      resource,
      resourceData: {
        "@odata.type":
          familyOf(one.resource) === "events" ? "#Microsoft.Graph.Event" : "#Microsoft.Graph.chatMessage",
        "@odata.id": resource,
        ...(one.certificate === null && etag !== undefined && { "@odata.etag": etag }),
        id,
      },
    };
    if (one.certificate && forgery !== "plain")
      entry.encryptedContent = encrypted(one.certificate, JSON.stringify(data), forgery);
    if (forgery === "client state") entry.clientState = `${String(one.clientState).slice(0, -4)}AAAA`;
    if (forgery === "no client state") delete entry.clientState;
    if (forgery === "tenant") entry.tenantId = randomUUID();
    if (forgery === "subscription") entry.subscriptionId = randomUUID();
    return entry;
  }

  /** As Entra issues it to Graph change tracking; v1, as in reality. */
  #token(appId: string, forgery: Forgery | null): string {
    const { entra } = this.#ports;
    const { issuerV1, key, tenantId } = entra.ports(this.now());
    const at = Math.floor(this.now() / 1000);
    const claims = {
      aud: forgery === "token audience" ? randomUUID() : appId,
      iss: forgery === "token issuer" ? `https://sts.sandbox.example/${randomUUID()}/` : issuerV1,
      iat: at - 60,
      nbf: at - 60,
      exp: at + (forgery === "token expired" ? -3_600 : 3_600),
      appid: forgery === "token sender" ? randomUUID() : CHANGE_TRACKING_APP_ID,
      appidacr: "2",
      idtyp: "app",
      oid: randomUUID(),
      sub: randomUUID(),
      tid: tenantId,
      ver: "1.0",
    };
    return signJwt(claims, forgery === "token signature" ? { ...this.#strangersKey, kid: key.kid } : key);
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

const plain = (text: string) =>
  text
    .replace(/\?.*$/, "")
    .replaceAll(/\('([^']*)'\)/g, "/$1")
    .replace(/^\//, "")
    .toLowerCase();

/**
 * The prefix of resources that a subscription covers, cached because each change is compared with thousands of them.
 */
const heard = new WeakMap<Subscription, string>();

function hears(one: Subscription): string {
  const known = heard.get(one);
  if (known !== undefined) return known;
  const subscribed = plain(one.resource);
  const prefix =
    subscribed === "chats/getallmessages"
      ? "chats/"
      : subscribed === "me/events"
        ? `users/${one.creatorId}/events/`
        : `${subscribed}/`;
  heard.set(one, prefix);
  return prefix;
}

/** Loose on purpose: the rules decide what may be subscribed, this function which subscriptions get a change. */
function concerns(one: Subscription, { changeType }: SentChange, plainResource: string): boolean {
  return plainResource.startsWith(hears(one)) && one.changeType.split(",").includes(changeType);
}

function encrypted(
  certificate: { readonly id: string; readonly base64: string },
  json: string,
  forgery: Forgery | null,
) {
  const { publicKey, fingerprint } = new X509Certificate(Buffer.from(certificate.base64, "base64"));
  const key = randomBytes(32);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16));
  const data = Buffer.concat([cipher.update(json), cipher.final()]);
  const signingKey = forgery === "content signature" ? randomBytes(32) : key;
  const sent = forgery === "content key" ? randomBytes(32) : key;
  return {
    data: data.toString("base64"),
    dataSignature: createHmac("sha256", signingKey).update(data).digest("base64"),
    dataKey: publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING }, sent).toString(
      "base64",
    ),
    encryptionCertificateId: certificate.id,
    encryptionCertificateThumbprint: fingerprint.replaceAll(":", ""),
  };
}
