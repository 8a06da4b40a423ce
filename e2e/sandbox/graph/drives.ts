/** Files of OneDrive and SharePoint in the fake Graph (docs/facts/microsoft-chat.md 6.5). */

import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { GraphToken } from "../entra/server.ts";
import type { Tenant } from "../tenant.ts";
import { badRequest, forbidden, notFound, Refusal } from "./refusal.ts";

type Vars = { Variables: { token: GraphToken } };

export interface DriveItem {
  readonly id: string;
  readonly driveId: string;
  readonly ownerId: string;
  name: string;
  bytes: Uint8Array;
  /** The size that Graph reports; tests of limits can fake it. */
  size: number;
  readonly eTag: string;
  readonly webUrl: string;
  readonly webDavUrl: string;
  /** Object ids of the people who may read it. Empty: everybody. */
  readonly readers: Set<string>;
}

interface Session {
  readonly name: string;
  readonly ownerId: string;
  readonly parts: Uint8Array[];
  received: number;
}

const MAX_SIMPLE = 250 * 1024 * 1024;
const STEP = 320 * 1024;

export class Drives {
  readonly items = new Map<string, DriveItem>();
  readonly invitations: {
    readonly itemId: string;
    readonly recipients: string[];
    readonly roles: string[];
  }[] = [];
  /** Downloads by the item's name. */
  readonly downloads: string[] = [];
  readonly #tenant: Tenant;
  readonly #url: () => string;
  readonly #sessions = new Map<string, Session>();

  constructor(tenant: Tenant, url: () => string) {
    this.#tenant = tenant;
    this.#url = url;
  }

  /** Shares a file in Teams. The attachment names it by `webUrl`. */
  put(ownerId: string, name: string, bytes: Uint8Array, readers: readonly string[] = []): DriveItem {
    const id = `01${randomUUID().replaceAll("-", "").toUpperCase()}`;
    const site = `https://contoso-my.sharepoint.com/personal/${ownerId.slice(0, 8)}`;
    const path = `/Documents/Microsoft Teams Chat Files/${name}`;
    const guid = randomUUID().toUpperCase();
    const item: DriveItem = {
      ...{ id, ownerId, name, bytes, size: bytes.length },
      driveId: `b!${ownerId}`,
      eTag: `"{${guid}},1"`,
      webUrl: /\.(docx|xlsx|pptx)$/i.test(name)
        ? `${site}/_layouts/15/Doc.aspx?sourcedoc=%7B${guid}%7D&file=${encodeURIComponent(name)}&action=default`
        : encodeURI(`${site}${path}`),
      webDavUrl: encodeURI(`${site}${path}`),
      readers: new Set(readers),
    };
    this.items.set(id, item);
    return item;
  }

  routes(): Hono<Vars> {
    const app = new Hono<Vars>();
    app.get("/shares/:share/driveItem", (c) => c.json(this.#json(this.#shared(c))));
    app.get("/shares/:share/driveItem/content", (c) => {
      const item = this.#shared(c);
      this.downloads.push(item.name);
      const location = `${this.#url()}/v1.0/sandbox/download/${item.id}`;
      return new Response(null, { status: 302, headers: { Location: location } });
    });
    app.get("/drives/:drive/items/:item/content", (c) => {
      const item = this.items.get(c.req.param("item"));
      this.#mayRead(c, item);
      if (!item) throw notFound("The item");
      this.downloads.push(item.name);
      const location = `${this.#url()}/v1.0/sandbox/download/${item.id}`;
      return new Response(null, { status: 302, headers: { Location: location } });
    });
    app.get("/me/drive/special/:folder", (c) => c.json({ id: c.req.param("folder") }));
    app.put("/me/drive/:path{root:/.+:/content}", async (c) => {
      const ownerId = this.#mayWrite(c);
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      if (bytes.length > MAX_SIMPLE) throw new Refusal(413, "request_too_large", "The file is too large.");
      return c.json(this.#json(this.#store(c, ownerId, this.#name(c), bytes)), 201);
    });
    app.post("/me/drive/:path{root:/.+:/createUploadSession}", (c) => {
      const ownerId = this.#mayWrite(c);
      const id = randomUUID();
      this.#sessions.set(id, { name: this.#name(c), ownerId, parts: [], received: 0 });
      return c.json({ uploadUrl: `${this.#url()}/v1.0/sandbox/upload/${id}`, expirationDateTime: "" });
    });
    app.post("/drives/:drive/items/:item/invite", async (c) => {
      this.#mayWrite(c);
      const item = this.items.get(c.req.param("item"));
      if (!item) throw notFound("The item");
      const { recipients, roles, requireSignIn } = (await c.req.json()) as {
        recipients?: { objectId?: string; email?: string }[];
        roles?: string[];
        requireSignIn?: boolean;
      };
      if (!recipients?.length || !roles?.length) throw badRequest("recipients and roles are required.");
      if (requireSignIn !== true) throw badRequest("requireSignIn must be true.");
      this.invitations.push({
        itemId: item.id,
        recipients: recipients.map((one) => one.objectId ?? one.email ?? ""),
        roles,
      });
      return c.json({ value: [] });
    });
    return app;
  }

  /** Pre-authenticated addresses: they need no token, and refuse a request that has one. */
  storageRoutes(): Hono {
    const app = new Hono();
    app.use("/sandbox/*", async (c, next) => {
      if (c.req.header("authorization")) return c.json({ error: "a token where none belongs" }, 400);
      return next();
    });
    app.get("/sandbox/download/:item", (c) => {
      const item = this.items.get(c.req.param("item"));
      return item ? new Response(item.bytes.slice()) : c.notFound();
    });
    app.put("/sandbox/upload/:session", async (c) => {
      const session = this.#sessions.get(c.req.param("session"));
      if (!session) return c.notFound();
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(c.req.header("content-range") ?? "");
      const [, start, end, total] = (range ?? []).map(Number);
      if (!range || start !== session.received || (end ?? 0) - (start ?? 0) + 1 !== bytes.length)
        return c.json({ error: { code: "invalidRange" } }, 416);
      const isLast = (end ?? 0) + 1 === total;
      if (!isLast && bytes.length % STEP !== 0) return c.json({ error: { code: "invalidRange" } }, 400);
      session.parts.push(bytes);
      session.received += bytes.length;
      if (!isLast) return c.json({ nextExpectedRanges: [`${session.received}-`] }, 202);
      const all = new Uint8Array(Buffer.concat(session.parts));
      return c.json(
        this.#json(this.put(session.ownerId, this.#free(session.ownerId, session.name), all)),
        201,
      );
    });
    return app;
  }

  #json(item: DriveItem) {
    const { id, name, size, eTag, webUrl, webDavUrl, driveId } = item;
    return {
      ...{ id, name, size, eTag, webUrl, webDavUrl },
      file: { mimeType: "application/octet-stream" },
      parentReference: { driveId, driveType: "business" },
    };
  }

  #shared(c: Context<Vars>): DriveItem {
    const share = c.req.param("share") ?? "";
    if (!share.startsWith("u!")) throw badRequest("The sharing token is not valid.");
    const address = Buffer.from(share.slice(2), "base64url").toString();
    const item = [...this.items.values()].find((one) => [one.webUrl, one.webDavUrl].includes(address));
    this.#mayRead(c, item);
    if (!item) throw notFound("The item");
    return item;
  }

  #mayRead(c: Context<Vars>, item: DriveItem | undefined): void {
    const { oid, scp } = c.get("token");
    if (oid === null || !scp.some((one) => /^Files\.Read(Write)?\.All$/.test(one)))
      throw forbidden("Missing scope permissions on the request.");
    if (item && item.readers.size > 0 && !item.readers.has(oid) && item.ownerId !== oid)
      throw new Refusal(403, "accessDenied", "Access denied.");
  }

  #mayWrite(c: Context<Vars>): string {
    const { oid, scp } = c.get("token");
    if (oid === null || !scp.some((one) => one === "Files.ReadWrite.All" || one === "Files.ReadWrite"))
      throw forbidden("Missing scope permissions on the request.");
    if (!this.#tenant.people.has(oid)) throw notFound("The drive");
    return oid;
  }

  #name(c: Context<Vars>): string {
    const path = decodeURIComponent(new URL(c.req.url).pathname);
    const name = /root:\/(?:.*\/)?([^/]+):\/(?:content|createUploadSession)$/.exec(path)?.[1] ?? "";
    if (name === "" || /["*:<>?\\|]/.test(name) || /^[\s.]+$/.test(name))
      throw new Refusal(400, "invalidRequest", "The name is not valid.");
    return name;
  }

  #store(c: Context<Vars>, ownerId: string, name: string, bytes: Uint8Array): DriveItem {
    const behaviour = new URL(c.req.url).searchParams.get("@microsoft.graph.conflictBehavior");
    return this.put(ownerId, behaviour === "rename" ? this.#free(ownerId, name) : name, bytes);
  }

  #free(ownerId: string, name: string): string {
    const taken = (one: string) =>
      [...this.items.values()].some((item) => item.ownerId === ownerId && item.name === one);
    if (!taken(name)) return name;
    const [, stem = name, end = ""] = /^(.*?)(\.[^.]*)?$/.exec(name) ?? [];
    for (let count = 1; ; count += 1) if (!taken(`${stem} ${count}${end}`)) return `${stem} ${count}${end}`;
  }
}
