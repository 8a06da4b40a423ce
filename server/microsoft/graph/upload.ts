/**
 * Uploads a stream to OneDrive or SharePoint: a small file in one call, a larger one through an upload session,
 * holding one range at a time (docs/facts/microsoft-chat.md 6.5).
 */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import type { ConfigSource } from "../config/index.ts";
import type { Fetch } from "../network/index.ts";
import { answerText, graphError, json } from "./answer.ts";
import { GraphError, isTemporary, StorageUnreachable } from "./errors.ts";
import { storageUrl } from "./hosts.ts";
import type { DriveItem, FileUpload, GraphClient } from "./request.ts";

export interface UploadPorts {
  readonly client: Pick<GraphClient, "request">;
  readonly config: ConfigSource;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** Up to this size one call takes the whole file, in every cloud. */
const WHOLE_BYTES = 4 * 1024 * 1024;
/** A range must be a multiple of 320 KiB. */
const RANGE_BYTES = 10 * 320 * 1024;
const LIMIT_MS = 120_000;
const RANGE_TRIES = 4;
/** Number of sessions to try: one may expire, or lose the ranges that it had. */
const SESSIONS = 3;
const WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

const driveItem = lazy(() =>
  z.object({
    id: z.string(),
    name: z.string(),
    eTag: z.string(),
    webUrl: z.string().nullish(),
    webDavUrl: z.string().nullish(),
    parentReference: z.object({ driveId: z.string().nullish() }).nullish(),
  }),
);
const storedItem = lazy(() => driveItem().extend({ size: z.number(), createdDateTime: z.string() }));
const session = lazy(() => z.object({ uploadUrl: z.string() }));
const progress = lazy(() => z.object({ nextExpectedRanges: z.array(z.string()).nullish() }));

/** The file has more or fewer bytes than announced. */
export class UploadSizeMismatch extends Error {
  override readonly name = "UploadSizeMismatch";
}

/** Microsoft has lost the session, or ranges that it had: the upload begins again in a new session. */
class SessionLost extends StorageUnreachable {}

export async function upload(ports: UploadPorts, file: FileUpload): Promise<DriveItem> {
  if (file.size <= WHOLE_BYTES) return whole(ports, file);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await throughSession(ports, file);
    } catch (error) {
      if (!(error instanceof SessionLost) || attempt === SESSIONS || file.signal.aborted) throw error;
    }
  }
}

async function whole(
  { client }: UploadPorts,
  { bytes: parts, credential, path, signal, size }: FileUpload,
): Promise<DriveItem> {
  const ranges = inRanges(parts(), Math.max(1, size));
  const first = await ranges.next();
  const bytes = first.value ?? new Uint8Array();
  const isMore = !first.done && !(await ranges.next()).done;
  if (bytes.length !== size || isMore) throw new UploadSizeMismatch();
  return client.request({
    method: "PUT",
    path: `${path}/content?@microsoft.graph.conflictBehavior=rename`,
    content: { type: "application/octet-stream", bytes },
    answer: driveItem(),
    credential,
    signal,
    limitMs: LIMIT_MS,
  });
}

async function throughSession(ports: UploadPorts, file: FileUpload): Promise<DriveItem> {
  const { credential, path, signal, size } = file;
  const begun = ports.now();
  const { uploadUrl } = await ports.client.request({
    method: "POST",
    path: `${path}/createUploadSession`,
    body: { item: { "@microsoft.graph.conflictBehavior": "rename" } },
    answer: session(),
    credential,
    signal,
  });
  const open = { ports, url: uploadUrl, signal, size };
  let start = 0;
  try {
    let answer: unknown = null;
    for await (const bytes of inRanges(file.bytes(), RANGE_BYTES)) {
      if (start + bytes.length > size) throw new UploadSizeMismatch();
      answer = await putRange(open, start, bytes);
      start += bytes.length;
    }
    if (start !== size) throw new UploadSizeMismatch();
    const made = driveItem().safeParse(answer);
    if (made.success) return made.data;
    throw new SessionLost("an upload ended without an item");
  } catch (error) {
    const isAtEnd = size - start <= RANGE_BYTES;
    const made = isAtEnd && error instanceof SessionLost ? await madeSince(ports, file, begun) : null;
    if (made) return made;
    // Deletes the session: otherwise its bytes use the person's storage until it expires.
    await send(ports, uploadUrl, { method: "DELETE" }).catch(() => {});
    throw error;
  }
}

/** Finds the file when the answer to the last range was lost: the session has then ended, but the file may exist. */
async function madeSince(
  { client }: UploadPorts,
  { credential, path, signal, size }: FileUpload,
  begun: number,
): Promise<DriveItem | null> {
  const select = "id,name,eTag,size,webUrl,webDavUrl,parentReference,createdDateTime";
  const item = await client
    .request({ path: `${path.slice(0, -1)}?$select=${select}`, answer: storedItem(), credential, signal })
    .catch(() => null);
  // Only a file of that size that did not exist before. Microsoft states whole seconds.
  const isOurs = item?.size === size && Date.parse(item.createdDateTime) >= begun - (begun % 1_000);
  return isOurs ? item : null;
}

interface Session {
  readonly ports: UploadPorts;
  readonly url: string;
  readonly signal: AbortSignal;
  readonly size: number;
}

/**
 * Uploads a range. Returns the item after the last range. After a lost connection, Microsoft reports the next
 * expected byte.
 */
async function putRange(
  { ports, signal, size, url }: Session,
  start: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<unknown> {
  const end = start + bytes.length;
  let from = start;
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(ports, url, {
        method: "PUT",
        headers: { "Content-Range": `bytes ${from}-${end - 1}/${size}` },
        body: bytes.subarray(from - start),
        signal,
      });
    } catch (error) {
      const status = error instanceof GraphError ? error.status : 0;
      if (isUnknown(error)) throw new SessionLost("an upload session is gone", { cause: error });
      const passes = !(error instanceof GraphError) || status === 416 || isTemporary(status);
      if (!passes || signal.aborted) throw error;
      if (tries >= RANGE_TRIES)
        throw status >= 500 ? new StorageUnreachable("an upload is not taken", { cause: error }) : error;
      const asked = (error instanceof GraphError ? error.retryAfterMs : null) ?? WAIT_MS * 2 ** (tries - 1);
      if (asked > LONGEST_WAIT_MS) throw error;
      await ports.sleep(asked);
      const next = await expected({ ports, signal, size, url }).catch((failure: unknown) => {
        if (isUnknown(failure)) throw new SessionLost("an upload session is gone", { cause: failure });
        return null;
      });
      if (next !== null && (next < start || next > end))
        throw new SessionLost("an upload session has other bytes", { cause: error });
      if (next === end) return null;
      from = next ?? from;
    }
  }
}

const isUnknown = (error: unknown) => error instanceof GraphError && [404, 410].includes(error.status);

/** Returns the byte at which Microsoft expects the upload to continue. */
async function expected({ ports, signal, url }: Session): Promise<number | null> {
  const { nextExpectedRanges } = progress().parse(await send(ports, url, { signal }));
  const first = /^(\d+)/.exec(nextExpectedRanges?.[0] ?? "")?.[1];
  return first === undefined ? null : Number(first);
}

/** A session's address carries its own authorisation: it must be on one of the cloud's hosts and gets no token. */
async function send({ config, fetch, now }: UploadPorts, url: string, init: RequestInit): Promise<unknown> {
  const target = storageUrl(config.current.cloud, url);
  if (!target) throw new StorageUnreachable("an upload to a host that is not the cloud's");
  const unreachable = (error: unknown) => {
    throw new StorageUnreachable("an upload was cut off", { cause: error });
  };
  const response = await fetch(target, { ...init, limitMs: LIMIT_MS }).catch(unreachable);
  const text = await answerText(response, MAX_ANSWER_BYTES).catch(unreachable);
  if (!response.ok) throw graphError(response.status, response.headers, text, now());
  return json(text);
}

/** Cuts the bytes into pieces of exactly one range, except the last. Each is valid until the next is requested. */
async function* inRanges(
  bytes: ReturnType<FileUpload["bytes"]>,
  length: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const range = new Uint8Array(length);
  let filled = 0;
  for await (const part of bytes) {
    for (let at = 0; at < part.length; ) {
      const taken = part.subarray(at, at + length - filled);
      range.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled === length) {
        yield range;
        filled = 0;
      }
    }
  }
  if (filled > 0) yield range.subarray(0, filled);
}
