/**
 * The files of Teams channels: one folder per channel, uploads in one piece or in ranges, and downloads
 * (docs/facts/microsoft-chat.md 6.5).
 */

import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import type { GraphToken } from "../entra/server.ts";
import { badRequest, forbidden, notFound } from "./refusal.ts";

export interface StoredItem {
  readonly id: string;
  readonly guid: string;
  readonly name: string;
  readonly folderId: string;
  readonly webUrl: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Folder {
  readonly id: string;
  readonly name: string;
  readonly webUrl: string;
  readonly parentReference: { readonly driveId: string };
}

export class ChannelDrives {
  readonly folders = new Map<string, Folder>();
  readonly items = new Map<string, StoredItem>();
  /** Lever: false while a new channel has no folder yet. */
  makesFolders = true;
  /** Lever: refuse downloads. */
  refusesDownloads = false;
  /** Base address of the fake Graph. */
  graphUrl: () => string = () => "https://graph.microsoft.com";
  readonly uploads = new Map<
    string,
    { readonly folderId: string; readonly name: string; readonly parts: Uint8Array[]; size: number }
  >();

  folder(channelId: string): Folder {
    const known = this.folders.get(channelId);
    if (known) return known;
    const id = randomUUID();
    const folder = {
      id,
      name: "Files",
      webUrl: `https://sandbox.sharepoint.com/sites/${id}/Shared%20Documents`,
      parentReference: { driveId: `b!${id}` },
    };
    this.folders.set(channelId, folder);
    return folder;
  }

  /** Adds a number if the name is taken. */
  put(folderId: string, wanted: string, bytes: Uint8Array<ArrayBuffer>): StoredItem {
    const folder = [...this.folders.values()].find(({ id }) => id === folderId);
    if (!folder) throw notFound("The folder");
    const taken = new Set(
      [...this.items.values()].filter((one) => one.folderId === folderId).map(({ name }) => name),
    );
    let name = wanted;
    for (let number = 1; taken.has(name); number += 1)
      name = wanted.replace(/(\.[^.]*)?$/, (ending) => ` ${number}${ending}`);
    const item = {
      id: randomUUID(),
      guid: randomUUID(),
      name,
      folderId,
      webUrl: `${folder.webUrl}/${encodeURIComponent(name)}`,
      bytes,
    };
    this.items.set(item.id, item);
    return item;
  }

  byGuid(guid: string): StoredItem | null {
    return [...this.items.values()].find((one) => one.guid.toLowerCase() === guid.toLowerCase()) ?? null;
  }
}

export const newDrives = () => new ChannelDrives();

const itemJson = ({ id, guid, name, webUrl, bytes }: StoredItem) => ({
  id,
  name,
  eTag: `"{${guid.toUpperCase()}},1"`,
  webUrl,
  webDavUrl: webUrl,
  size: bytes.length,
  file: { mimeType: "application/octet-stream" },
});

const INTERVAL = 320 * 1024;

type App = Hono<{ Variables: { token: GraphToken } }>;

export function driveRoutes(drives: ChannelDrives): App {
  const app: App = new Hono();
  const writes = (token: GraphToken) => {
    const may =
      token.oid === null
        ? token.roles.includes("Sites.ReadWrite.All")
        : token.scp.includes("Files.ReadWrite.All");
    if (!may) throw forbidden("Insufficient privileges to complete the operation.");
  };
  const reads = (token: GraphToken) => {
    const granted = [...token.roles, ...token.scp];
    if (!granted.some((one) => /^(Files\.Read(Write)?\.All|Sites\.Read(Write)?\.All)$/.test(one)))
      throw forbidden("Insufficient privileges to complete the operation.");
  };
  const placeOf = (address: string) => {
    const found = /\/drives\/([^/]+)\/items\/([^/:]+):\/([^/]+):\/(content|createUploadSession)$/.exec(
      new URL(address).pathname,
    );
    if (!found) throw badRequest("The address of the item is malformed.");
    const [, , folderId = "", name = "", call = ""] = found;
    return { folderId: decodeURIComponent(folderId), name: decodeURIComponent(name), call };
  };
  const isOurs = (address: string) => {
    const folder = /\/items\/([^/:]+):/.exec(decodeURIComponent(new URL(address).pathname))?.[1];
    return [...drives.folders.values()].some(({ id }) => id === folder);
  };
  app.put("/drives/*", async (c, next) => {
    if (!isOurs(c.req.url)) return next();
    writes(c.get("token"));
    const { folderId, name } = placeOf(c.req.url);
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    if (c.req.query("@microsoft.graph.conflictBehavior") !== "rename")
      throw badRequest("The sandbox wants names that are taken to be renamed.");
    return c.json(itemJson(drives.put(folderId, name, bytes)), 201);
  });
  app.post("/drives/*", async (c, next) => {
    if (!isOurs(c.req.url)) return next();
    writes(c.get("token"));
    const { folderId, name, call } = placeOf(c.req.url);
    if (call !== "createUploadSession") throw badRequest("The call is unknown.");
    const id = randomUUID();
    drives.uploads.set(id, { folderId, name, parts: [], size: 0 });
    return c.json({
      uploadUrl: `${drives.graphUrl()}/upload/${id}`,
      expirationDateTime: new Date().toISOString(),
    });
  });
  const find = (share: string): StoredItem | undefined => {
    const address = Buffer.from(share.replace(/^u!/, ""), "base64url").toString();
    return [...drives.items.values()].find(({ webUrl }) => webUrl === address);
  };
  // Files outside channels are in somebody's OneDrive (drives.ts).
  app.get("/shares/:share/driveItem", (c, next) => {
    const found = find(c.req.param("share"));
    if (!found) return next();
    reads(c.get("token"));
    return c.json(itemJson(found));
  });
  app.get("/shares/:share/driveItem/content", (c, next) => {
    const found = find(c.req.param("share"));
    if (!found) return next();
    reads(c.get("token"));
    if (drives.refusesDownloads) throw forbidden("Access denied.");
    const { bytes } = found;
    return c.body(bytes, 200, {
      "Content-Type": "application/octet-stream",
      "Content-Length": String(bytes.length),
    });
  });
  return app;
}

/** An upload session: needs no token; takes ranges in order, in multiples of 320 KiB except the last. */
export async function takeRange(drives: ChannelDrives, id: string, request: Request): Promise<Response> {
  const upload = drives.uploads.get(id);
  if (!upload) return new Response(null, { status: 404 });
  if (request.headers.get("authorization") !== null) return new Response(null, { status: 401 });
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(request.headers.get("content-range") ?? "");
  const bytes = new Uint8Array(await request.arrayBuffer());
  const [from, to, total] = (range ?? []).slice(1).map(Number);
  if (from !== upload.size || to !== from + bytes.length - 1 || total === undefined)
    return new Response(null, { status: 416 });
  if (to + 1 < total && bytes.length % INTERVAL !== 0) return new Response(null, { status: 400 });
  upload.parts.push(bytes);
  upload.size += bytes.length;
  if (upload.size < total) return Response.json({ nextExpectedRanges: [`${upload.size}-`] }, { status: 202 });
  drives.uploads.delete(id);
  const whole = new Uint8Array(Buffer.concat(upload.parts));
  return Response.json(itemJson(drives.put(upload.folderId, upload.name, whole)), { status: 201 });
}
