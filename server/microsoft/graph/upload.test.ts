/**
 * Tests uploads to OneDrive: one call or an upload session, against a session that fails in each way that Microsoft's
 * does.
 */

import { beforeEach, describe, expect, test } from "bun:test";
import type { ConfigSource } from "../config/index.ts";
import type { Fetch } from "../network/index.ts";
import { GraphError, GraphUnreachable } from "./errors.ts";
import type { FileUpload, GraphRequest } from "./request.ts";
import { type UploadPorts, upload } from "./upload.ts";

const MB = 1024 * 1024;
const RANGE = 10 * 320 * 1024;
const config = {
  current: { cloud: { graphUrl: "https://graph.example.com", fileHosts: ["sharepoint.com"] } },
} as unknown as ConfigSource;
const NOW = "2026-11-28T09:00:00Z";
const item = { id: "1", name: "a.bin", eTag: '"{x},1"', webUrl: "https://x.sharepoint.com/a.bin" };

/** The ranges that the session has stored. */
let stored: Uint8Array[];
let calls: string[];
let requests: GraphRequest<unknown>[];
let waits: number[];
let uploadUrl: string;
/** Faults instead of the session's own answers, one per PUT. `keep` stores the range nevertheless. */
let faults: ({ status: number; retryAfter?: number; keep?: boolean; loses?: boolean } | "cut" | null)[];
/** Set after the last range: the session has ended, and the file exists. */
let made: (typeof item & { size: number; createdDateTime: string }) | null;
/** A file of the same name that existed before the upload. */
let before: typeof made;
beforeEach(() => {
  [stored, calls, requests, waits, faults] = [[], [], [], [], []];
  [made, before] = [null, null];
  uploadUrl = "https://x.sharepoint.com/session/1";
});
const size = () => stored.reduce((sum, part) => sum + part.length, 0);

const fetch: Fetch = async (url, init = {}) => {
  const headers = new Headers(init.headers);
  calls.push(`${init.method ?? "GET"} ${headers.get("Content-Range") ?? new URL(url).pathname}`);
  expect(headers.get("Authorization")).toBeNull();
  if (init.method === "DELETE") return new Response(null, { status: 204 });
  if (made) return Response.json({}, { status: 404 });
  if (init.method !== "PUT") return Response.json({ nextExpectedRanges: [`${size()}-`] });
  const fault = faults.shift() ?? null;
  const bytes = new Uint8Array(init.body as Uint8Array<ArrayBuffer>);
  const [, from, to, total] = (
    /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get("Content-Range") ?? "") ?? []
  ).map(Number);
  expect((to ?? 0) - (from ?? 0) + 1).toBe(bytes.length);
  if (fault !== null && (fault === "cut" || !fault.keep)) {
    if (fault === "cut") throw new TypeError("cut off");
    if (fault.loses) stored = [];
    const more = fault.retryAfter === undefined ? {} : { "Retry-After": `${fault.retryAfter}` };
    return Response.json({}, { status: fault.status, headers: more });
  }
  if (from !== size()) return Response.json({}, { status: 416 });
  stored.push(bytes);
  const isLast = (to ?? 0) + 1 === total;
  if (isLast) made = { ...item, size: size(), createdDateTime: NOW };
  if (fault) return Response.json({}, { status: fault.status });
  if (isLast) return Response.json(item, { status: 201 });
  return Response.json({ nextExpectedRanges: [`${size()}-`] }, { status: 202 });
};

const ports: UploadPorts = {
  config,
  fetch,
  now: () => Date.parse(NOW) + 400,
  sleep: async (ms) => void waits.push(ms),
  client: {
    request: (async (request: GraphRequest<unknown>) => {
      requests.push(request);
      if (request.method !== undefined && !request.path.endsWith("/createUploadSession")) return item;
      if (request.method === undefined) {
        const answer = { status: 404, code: "itemNotFound", says: "", requestId: null, retryAfterMs: null };
        if (!(made ?? before)) throw new GraphError(answer);
        return made ?? before;
      }
      // A new session has nothing of an earlier one.
      [stored, made] = [[], null];
      return { uploadUrl };
    }) as UploadPorts["client"]["request"],
  },
};

/** Bytes that differ from their neighbours. A loop, because Uint8Array.from takes a second for 16 MB. */
function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) all[at] = at % 251;
  return all;
}

function file(length: number, more: Partial<FileUpload> = {}, chunk = 60_000): FileUpload {
  const all = bytesOf(length);
  return {
    path: "/me/drive/root:/a/a.bin:",
    size: length,
    async *bytes() {
      for (let at = 0; at < length; at += chunk) yield all.subarray(at, at + chunk);
    },
    credential: { token: async () => "t" },
    signal: new AbortController().signal,
    ...more,
  };
}
const isWhole = (length: number) => expect(Buffer.concat(stored).equals(bytesOf(length))).toBe(true);

describe("a file of up to 4 MB", () => {
  for (const length of [0, 1, 60_000, 4 * MB])
    test(`is uploaded in one call: ${length} bytes`, async () => {
      expect(await upload(ports, file(length))).toEqual(item);
      expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
        "PUT /me/drive/root:/a/a.bin:/content?@microsoft.graph.conflictBehavior=rename",
      ]);
      expect(requests[0]?.content?.bytes).toHaveProperty("length", length);
      expect(calls).toEqual([]);
    });
});

describe("a larger file", () => {
  test("goes in ranges of ten times 320 KiB, in order, without a token", async () => {
    const length = 2 * RANGE + 5;
    expect(await upload(ports, file(length))).toEqual(item);
    expect(requests[0]?.body).toEqual({ item: { "@microsoft.graph.conflictBehavior": "rename" } });
    expect(calls).toEqual([
      `PUT bytes 0-${RANGE - 1}/${length}`,
      `PUT bytes ${RANGE}-${2 * RANGE - 1}/${length}`,
      `PUT bytes ${2 * RANGE}-${length - 1}/${length}`,
    ]);
    isWhole(length);
  });

  test("of exactly two ranges has no empty third one", async () => {
    await upload(ports, file(2 * RANGE));
    expect(calls).toHaveLength(2);
  });

  const faulty: [string, typeof faults, number[]][] = [
    ["a range that was cut off", ["cut"], [1_000]],
    ["a server that is busy", [{ status: 429, retryAfter: 7 }], [7_000]],
    ["three failures of one range", [{ status: 503 }, { status: 500 }, "cut"], [1_000, 2_000, 4_000]],
    ["a range that was stored although its answer says otherwise", [{ status: 504, keep: true }], [1_000]],
  ];
  for (const [name, given, waited] of faulty)
    test(`continues after ${name}`, async () => {
      faults = given;
      const length = 2 * RANGE + 5;
      expect(await upload(ports, file(length))).toEqual(item);
      isWhole(length);
      expect(waits).toEqual(waited);
    });

  const sessions = () => requests.filter(({ path }) => path.endsWith("/createUploadSession")).length;
  const again: [string, typeof faults][] = [
    ["a session that expired between two ranges", [null, { status: 404 }]],
    ["a session that expired while the network was down", [null, "cut", { status: 404 }]],
    ["a server that lost the ranges it had", [null, { status: 416, loses: true }]],
  ];
  for (const [name, given] of again)
    test(`begins again after ${name}`, async () => {
      faults = given;
      const length = 2 * RANGE + 5;
      expect(await upload(ports, file(length))).toEqual(item);
      isWhole(length);
      expect(sessions()).toBe(2);
    });

  test("whose last answer was lost is found, and not uploaded twice", async () => {
    faults = [null, { status: 504, keep: true }];
    expect(await upload(ports, file(2 * RANGE))).toMatchObject(item);
    expect(sessions()).toBe(1);
    expect(requests.at(-1)?.path).toStartWith("/me/drive/root:/a/a.bin?$select=");
  });

  for (const [name, change] of [
    ["and another size", { size: 5 }],
    ["from before the upload", { createdDateTime: "2026-11-28T08:59:59Z" }],
  ] as const)
    test(`is not confused with a file of the same name ${name}`, async () => {
      before = { ...item, id: "old", size: 2 * RANGE, createdDateTime: NOW, ...change };
      faults = [null, { status: 404 }];
      expect(await upload(ports, file(2 * RANGE))).toEqual(item);
      expect(sessions()).toBe(2);
    });

  const refused: [string, typeof faults, unknown][] = [
    ["a refusal", [{ status: 403 }], GraphError],
    ["a storage that is full", [{ status: 507 }], GraphError],
    ["a file that is locked", [{ status: 423 }], GraphError],
    ["a file that is too large for the site", [{ status: 413 }], GraphError],
    [
      "sessions that are gone, three times",
      [{ status: 404 }, { status: 404 }, { status: 404 }],
      GraphUnreachable,
    ],
    ["a requested wait of more than half a minute", [{ status: 429, retryAfter: 600 }], GraphError],
    ["a network that stays down", ["cut", "cut", "cut", "cut"], GraphUnreachable],
  ];
  for (const [name, given, kind] of refused)
    test(`fails after ${name} and deletes its session`, async () => {
      faults = given;
      const error = await upload(ports, file(5 * MB)).catch((one: unknown) => one);
      expect(error).toBeInstanceOf(kind as typeof GraphError);
      expect(calls.at(-1)).toBe("DELETE /session/1");
    });

  for (const address of [
    "https://evil.example/s",
    "http://x.sharepoint.com/s",
    "https://a@x.sharepoint.com/s",
    "",
  ])
    test(`is not sent to ${address || "an empty address"}`, async () => {
      uploadUrl = address;
      expect(upload(ports, file(5 * MB))).rejects.toBeInstanceOf(GraphUnreachable);
      expect(calls).toEqual([]);
    });
});

describe("a stream whose length differs from the announced one", () => {
  for (const [said, is] of [
    [10, 9],
    [10, 11],
    [4 * MB, 4 * MB + 1],
    [5 * MB, 5 * MB - 1],
    [5 * MB, 5 * MB + 1],
    [5 * MB, 9 * MB],
  ] as const)
    test(`${said} announced, ${is} received: no file`, async () => {
      const error = await upload(ports, file(is, { size: said })).catch((one: unknown) => one);
      expect((error as Error).name).toBe("UploadSizeMismatch");
      expect(requests.some(({ method }) => method === "PUT")).toBe(false);
      expect(size()).toBeLessThan(said + 1);
    });
});

test("an abort ends the upload and deletes the session", async () => {
  const stop = new AbortController();
  async function* bytes() {
    yield new Uint8Array(RANGE);
    stop.abort();
    yield new Uint8Array(RANGE);
  }
  const failing: UploadPorts = {
    ...ports,
    fetch: (url, init) => (init?.signal?.aborted ? Promise.reject(new Error("aborted")) : fetch(url, init)),
  };
  const given = file(2 * RANGE, { bytes, signal: stop.signal });
  expect(upload(failing, given)).rejects.toBeInstanceOf(GraphUnreachable);
  await Bun.sleep(1);
  expect(calls.at(-1)).toBe("DELETE /session/1");
});
