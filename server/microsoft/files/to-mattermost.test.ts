/** Copies files from Teams to Mattermost while downloads or the server misbehave. */

import { beforeEach, describe, expect, test } from "bun:test";
import { AppError } from "../../runtime/mattermost/index.ts";
import type { ConfigSource } from "../config/index.ts";
import { createGraphClient } from "../graph/client.ts";
import { GraphError, GraphUnreachable } from "../graph/index.ts";
import type { FileReference } from "../teams-messages/index.ts";
import { fetchFile, fileLimits, type StoringPorts } from "./to-mattermost.ts";

const MB = 1024 * 1024;
const CHUNK = 100_000;
const shared: FileReference = {
  from: "reference",
  url: "https://x.sharepoint.com/plan.bin",
  name: "plan.bin",
} as FileReference;
const picture = { from: "hostedContent", foreign: false, chatId: "19:a", messageId: "1", contentId: "2" };

/** The metadata that Microsoft states, and the download that follows. */
interface Answer {
  readonly said?: number;
  readonly length?: number | null;
  readonly sent?: number;
  readonly packed?: boolean;
  /** After the bytes that are sent. */
  readonly end?: "cut" | "stalls";
  readonly name?: string;
}
let answers: Answer[];
let downloads: number;
let cancelled: number;
/** The largest number of parts that were passed to the server and still held memory. */
let held: number;
let stored: { readonly channel: string; readonly name: string; readonly bytes: Buffer }[];
let refusal: Error | null;
beforeEach(() => {
  [answers, downloads, cancelled, held, stored, refusal] = [[], 0, 0, 0, [], null];
});

const at = (index: number) => index % 251;
const content = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, index) => at(index)));

const graph = createGraphClient({
  config: {
    current: { cloud: { graphUrl: "https://graph.test", fileHosts: [] } },
  } as unknown as ConfigSource,
  tokens: { token: async () => "t" },
  sleep: async () => {},
  fetch: async (url) => {
    const answer = answers[Math.min(downloads, answers.length - 1)] ?? {};
    const { said = 3 * MB, sent = said, length = sent, packed, end, name = "plan.bin" } = answer;
    const { pathname } = new URL(url);
    if (pathname.endsWith("/driveItem")) return Response.json({ name, size: said });
    downloads += 1;
    let position = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(to) {
          if (position < sent) {
            const part = Uint8Array.from({ length: Math.min(CHUNK, sent - position) }, (_, index) =>
              at(position + index),
            );
            position += part.length;
            to.enqueue(part);
          } else if (end === "cut") to.error(new TypeError("the socket was closed"));
          else if (end === "stalls") await new Promise(() => {});
          else to.close();
        },
        cancel() {
          cancelled += 1;
        },
      },
      { highWaterMark: 0 },
    );
    const headers: Record<string, string> = {};
    if (length !== null) headers["Content-Length"] = String(length);
    if (packed) headers["Content-Encoding"] = "gzip";
    return new Response(body, { headers });
  },
});

const api = {
  async uploadFile(bytes: Uint8Array, channel: string, name: string) {
    if (refusal) throw refusal;
    stored.push({ channel, name, bytes: Buffer.from(bytes) });
    return { Id: `${stored.length}` };
  },
  createUploadSession: async (session: unknown) => session,
  async uploadData(
    { ChannelId, Filename, FileSize }: { ChannelId: string; Filename: string; FileSize: number },
    source: AsyncIterable<Uint8Array>,
  ) {
    if (refusal) throw refusal;
    const parts: Buffer[] = [];
    const seen: Uint8Array[] = [];
    try {
      for await (const part of source) {
        held = Math.max(held, seen.filter(({ length }) => length > 0).length);
        seen.push(part);
        parts.push(Buffer.from(part));
      }
    } catch {
      // The server only knows that the bytes ended.
    }
    const bytes = Buffer.concat(parts);
    if (bytes.length !== FileSize) return null;
    stored.push({ channel: ChannelId, name: Filename, bytes });
    return { Id: `${stored.length}` };
  },
} as unknown as StoringPorts["api"];

const fetchTo = (
  channels: string[],
  file: unknown = shared,
  limits = { maxBytes: 20 * MB, maxPixels: 1_000 },
  signal = new AbortController().signal,
) =>
  fetchFile({ api, graph, now: 0, ownerId: "bot", signal, idleMs: 30 }, file as FileReference, {
    channels,
    limits,
  });
const refusedFor = (work: Promise<unknown>) =>
  work.then(
    () => "stored",
    (error: { reason?: string; name: string }) => error.reason ?? error.name,
  );
const isWhole = (size: number, channel = "a") => {
  const found = stored.find((one) => one.channel === channel);
  expect(found?.bytes.equals(content(size))).toBe(true);
};

describe("a file", () => {
  for (const size of [1, 60_000, MB, MB + 1, 3 * MB])
    test(`of ${size} bytes is stored whole, from one download`, async () => {
      answers = [{ said: size }];
      expect(await fetchTo(["a"])).toEqual(["1"]);
      isWhole(size);
      expect(downloads).toBe(1);
    });

  test("is stored in several channels from one download", async () => {
    answers = [{ said: 3 * MB }];
    expect((await fetchTo(["a", "b", "c"])).length).toBe(3);
    for (const channel of ["a", "b", "c"]) isWhole(3 * MB, channel);
    expect(downloads).toBe(1);
  });

  test("of 20 MB frees each part when the next one is requested", async () => {
    answers = [{ said: 20 * MB }];
    await fetchTo(["a"]);
    isWhole(20 * MB);
    expect(held).toBe(0);
  });

  const sizes: [string, Answer[], number][] = [
    ["whose size changed after Microsoft stated it", [{ said: 2 * MB, sent: 3 * MB }], 3 * MB],
    ["that is compressed in transit", [{ said: 2 * MB, length: 500, packed: true }], 2 * MB],
    ["with a stated size of 0, as notebooks have", [{ said: 0, sent: 50_000, length: null }], 50_000],
    [
      "that changes while it is read",
      [{ said: 2 * MB, sent: MB * 2 - 1, length: 2 * MB }, { said: 4 * MB }],
      4 * MB,
    ],
    [
      "that is small and changes while it is read",
      [{ said: 5_000, sent: 4_000, length: 5_000 }, { said: 4_000 }],
      4_000,
    ],
  ];
  for (const [name, given, size] of sizes)
    test(`${name} is stored whole`, async () => {
      answers = given;
      expect(await fetchTo(["a"])).toEqual(["1"]);
      isWhole(size);
    });
});

describe("a file is never stored in part when it", () => {
  const cases: [string, Answer, string][] = [
    ["ends early", { said: 3 * MB, sent: 2 * MB, length: 3 * MB }, "failed"],
    ["ends early, and is small", { said: 9_000, sent: 8_000, length: 9_000 }, "failed"],
    ["is longer than announced", { said: 3 * MB, sent: 4 * MB, length: 3 * MB }, "failed"],
    ["is longer than announced, and small", { said: 9_000, sent: 10_000, length: 9_000 }, "failed"],
    ["is announced as small, and does not end", { said: 9_000, sent: 30 * MB, length: null }, "failed"],
    ["is empty", { said: 0 }, "empty"],
    ["is empty, though something else was announced", { said: 9_000, sent: 0, length: null }, "empty"],
    ["is larger than the limit", { said: 21 * MB }, "too_large"],
    ["is larger than the limit, and announced as smaller", { said: 5, sent: 21 * MB }, "too_large"],
    ["has no size, and does not end", { said: 0, sent: 30 * MB, length: null }, "too_large"],
    ["is cut off", { said: 3 * MB, sent: 2 * MB, length: 3 * MB, end: "cut" }, "GraphUnreachable"],
    ["is cut off, and is small", { said: 9_000, sent: 8_000, length: 9_000, end: "cut" }, "GraphUnreachable"],
    [
      "stops in the middle",
      { said: 3 * MB, sent: 2 * MB, length: 3 * MB, end: "stalls" },
      "GraphUnreachable",
    ],
    ["stops at once", { said: 3 * MB, sent: 0, length: 3 * MB, end: "stalls" }, "GraphUnreachable"],
  ];
  for (const [name, answer, reason] of cases)
    for (const channels of [["a"], ["a", "b"]])
      test(`${name} (channels: ${channels.length})`, async () => {
        answers = [answer];
        expect(await refusedFor(fetchTo(channels))).toBe(reason);
        expect(stored).toEqual([]);
        expect(downloads).toBeLessThanOrEqual(2);
      });
});

test("a file with a stated size beyond the limit is not downloaded", async () => {
  answers = [{ said: 21 * MB }];
  await refusedFor(fetchTo(["a"]));
  expect(downloads).toBe(0);
});

test("a download that exceeds the limit is cancelled", async () => {
  answers = [{ said: 5, sent: 21 * MB }];
  await refusedFor(fetchTo(["a"]));
  expect(cancelled).toBe(1);
});

describe("an upload that the server does not complete", () => {
  const no = new AppError("no", { statusCode: 413 });
  for (const size of [5_000, 3 * MB])
    for (const [error, reason] of [
      [no, "not_taken"],
      [new Error("the process ends"), "Error"],
    ] as const)
      test(`of ${size} bytes ends with ${reason}`, async () => {
        answers = [{ said: size }];
        refusal = error;
        expect(await refusedFor(fetchTo(["a"]))).toBe(reason);
        if (size > MB) expect(cancelled).toBe(1);
      });
});

test("the limit is the lower one of the server's and ours, and 100 MB without a setting", async () => {
  const of = (settings: unknown) => ({ getConfig: async () => ({ FileSettings: settings }) }) as never;
  expect(await fileLimits(of({ MaxFileSize: 5, MaxImageResolution: 9 }), 7)).toEqual({
    maxBytes: 5,
    maxPixels: 9,
  });
  expect((await fileLimits(of({ MaxFileSize: 9 }), 7)).maxBytes).toBe(7);
  expect((await fileLimits(of({}))).maxBytes).toBe(100 * MB);
});

describe("display names", () => {
  for (const [given, kept] of [
    ["../../etc/passwd", "passwd"],
    ["gnp.\u202eexe\u0000", "gnp.exe"],
    ["CON.txt", "_CON.txt"],
    [`${"語".repeat(300)}.docx`, `${"語".repeat(83)}.docx`],
  ] as const)
    test(JSON.stringify(given.slice(0, 20)), async () => {
      answers = [{ said: 5, name: given }];
      await fetchTo(["a"]);
      expect(stored[0]?.name).toBe(kept);
    });

  test("a picture gets a name with its extension, and a picture of another chat is not requested", async () => {
    answers = [{ sent: 5, length: null }];
    await fetchTo(["a"], picture);
    expect(stored[0]?.name).toBe("Picture 1970-01-01 00-00-00.bin");
    expect(await refusedFor(fetchTo(["a"], { ...picture, foreign: true }))).toBe("denied");
    expect(downloads).toBe(1);
  });
});

test("a refusal by Microsoft is thrown unchanged, so that the caller can try another credential", async () => {
  const failing = createGraphClient({
    config: {
      current: { cloud: { graphUrl: "https://graph.test", fileHosts: [] } },
    } as unknown as ConfigSource,
    tokens: { token: async () => "t" },
    sleep: async () => {},
    fetch: async () => Response.json({ error: { code: "accessDenied" } }, { status: 403 }),
  });
  const signal = new AbortController().signal;
  const to = { channels: ["a"], limits: { maxBytes: MB, maxPixels: 1 } };
  const error = await fetchFile({ api, graph: failing, now: 0, ownerId: "b", signal }, shared, to).catch(
    (one) => one,
  );
  expect(error).toBeInstanceOf(GraphError);
  expect(error).not.toBeInstanceOf(GraphUnreachable);
});
