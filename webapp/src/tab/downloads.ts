/**
 * Saves files for the web app in the frame (links.ts explains why). A file is fetched with the frame's own cookies
 * and passed to the browser to save. The page should not hold a copy of a large file: for that the plugin issues a
 * ticket that works once, and the ticket's address is an ordinary download.
 */

import type { FileLink } from "./links.ts";
import { cookie } from "./server.ts";

/** From this size on, the browser itself downloads the file. */
export const LARGE_BYTES = 32 * 1024 * 1024;
/** How long a finished line stays. */
const SHOWN_MS = 5_000;

export type DownloadProblem = "signed_out" | "gone" | "server" | "network";

export interface Download {
  readonly key: number;
  readonly file: FileLink;
  readonly name: string;
  readonly state: "running" | "saved" | "with_browser" | "failed";
  /** From 0 to 1; `null` when the size is unknown. */
  readonly progress: number | null;
  readonly problem: DownloadProblem | null;
}

export interface DownloadsPorts {
  readonly pluginPath: string;
  readonly fetch: typeof globalThis.fetch;
  readonly cookies: () => string;
  readonly changed: (downloads: readonly Download[]) => void;
  /** Clicks a link with this address and name. */
  readonly press: (href: string, name: string) => void;
  readonly later: (ms: number, then: () => void) => void;
  readonly largeBytes?: number;
}

export interface Downloads {
  save(file: FileLink): Promise<void>;
  /** Cancels a running download and removes its line. */
  remove(key: number): void;
  retry(key: number): void;
}

class Problem extends Error {
  readonly why: DownloadProblem;
  constructor(why: DownloadProblem) {
    super(why);
    this.why = why;
  }
}

export function createDownloads(ports: DownloadsPorts): Downloads {
  const { largeBytes = LARGE_BYTES } = ports;
  const shown = new Map<number, Download>();
  const running = new Map<number, AbortController>();
  let last = 0;

  const change = (key: number, part: Partial<Download>) => {
    const before = shown.get(key);
    if (!before) return;
    shown.set(key, { ...before, ...part });
    ports.changed([...shown.values()]);
  };

  const remove = (key: number) => {
    running.get(key)?.abort();
    running.delete(key);
    if (shown.delete(key)) ports.changed([...shown.values()]);
  };

  async function run(key: number, file: FileLink): Promise<void> {
    const stop = new AbortController();
    running.set(key, stop);
    try {
      change(key, { state: await transfer(key, file, stop), progress: 1 });
      ports.later(SHOWN_MS, () => remove(key));
    } catch (error) {
      change(key, { state: "failed", problem: error instanceof Problem ? error.why : "network" });
    } finally {
      running.delete(key);
    }
  }

  async function transfer(
    key: number,
    file: FileLink,
    stop: AbortController,
  ): Promise<"saved" | "with_browser"> {
    const response = await ports.fetch(file.path, { credentials: "same-origin", signal: stop.signal });
    if (!response.ok) throw new Problem(problemOf(response.status));
    const name = nameOf(response.headers.get("Content-Disposition")) ?? file.name;
    change(key, { name });
    const size = response.headers.has("Content-Encoding")
      ? 0
      : Number(response.headers.get("Content-Length"));
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let received = 0;
    const reader = response.body?.getReader();
    while (reader) {
      if (file.fileId !== null && Math.max(size, received) > largeBytes) {
        // Before the ticket, so that the browser does not load the same file twice at once.
        await reader.cancel();
        ports.press(`${ports.pluginPath}/files/${await ticketFor(file.fileId, stop.signal)}`, name);
        return "with_browser";
      }
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      received += value.byteLength;
      change(key, { progress: size > 0 ? Math.min(1, received / size) : null });
    }
    // Cancelled after the last byte.
    stop.signal.throwIfAborted();
    // A broken connection ends the stream early in some browsers, without an error.
    if (size > 0 && received < size) throw new Problem("network");
    const url = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
    ports.press(url, name);
    ports.later(60_000, () => URL.revokeObjectURL(url));
    return "saved";
  }

  async function ticketFor(fileId: string, signal: AbortSignal): Promise<string> {
    const response = await ports.fetch(`${ports.pluginPath}/api/v1/files/ticket`, {
      method: "POST",
      credentials: "same-origin",
      signal,
      headers: {
        "Content-Type": "application/json",
        "X-Requested-With": "XMLHttpRequest",
        "X-CSRF-Token": cookie(ports.cookies(), "MMCSRF") ?? "",
      },
      body: JSON.stringify({ fileId }),
    });
    if (!response.ok) throw new Problem(response.status === 404 ? "server" : problemOf(response.status));
    const { ticket } = (await response.json()) as { ticket?: unknown };
    if (typeof ticket !== "string" || !/^[A-Za-z0-9_-]+$/.test(ticket)) throw new Problem("server");
    return ticket;
  }

  return {
    save(file) {
      const key = ++last;
      shown.set(key, { key, file, name: file.name, state: "running", progress: null, problem: null });
      ports.changed([...shown.values()]);
      return run(key, file);
    },
    remove,
    retry(key) {
      const download = shown.get(key);
      if (download?.state !== "failed") return;
      change(key, { state: "running", progress: null, problem: null });
      void run(key, download.file);
    },
  };
}

function problemOf(status: number): DownloadProblem {
  if (status === 401) return "signed_out";
  return status === 403 || status === 404 || status === 410 ? "gone" : "server";
}

/** RFC 6266: `filename*` is preferred to `filename`. `null` when neither can be read. */
export function nameOf(disposition: string | null): string | null {
  const encoded = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition ?? "")?.[1];
  const plain = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition ?? "");
  try {
    if (encoded !== undefined) return decodeURIComponent(encoded);
  } catch {
    // Falls back to the plain one.
  }
  const name = plain?.[1]?.replace(/\\(.)/g, "$1") ?? plain?.[2] ?? "";
  return name === "" ? null : name;
}
