import type { Type } from "../../gob/index.ts";
import type { Context } from "./model.gen.ts";

/**
 * A value to be sent to the server. Go's structs have no required fields: a field left out has Go's zero value there,
 * so `createPost({ ChannelId, Message })` is a complete post.
 */
export type Input<T> = T extends Uint8Array | Date | Map<unknown, unknown>
  ? T
  : T extends readonly (infer E)[]
    ? readonly Input<E>[]
    : T extends object
      ? { readonly [K in keyof T]?: Input<T[K]> | null | undefined }
      : T;

export type Awaitable<T> = T | Promise<T>;

/**
 * Bytes that are sent to the server as a stream, never buffered as a whole. A chunk may change once the next one is
 * requested.
 */
export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Uint8Array | Blob | string;

/** What the server knows about a request that reached `serveHTTP`. */
export interface RequestContext extends Context {
  /** The signed-in user: the Mattermost-User-Id header, which only the server can set. */
  userId: string | null;
  /**
   * The plugin that made the request through PluginHTTP: the Mattermost-Plugin-ID header, which only the server can
   * set.
   */
  sourcePluginId: string | null;
}

/** How a method of the Go interface is sent: `Plugin.<go>` with args {A, B, C…} and reply {A, B, C…}. */
export interface ApiMethod {
  go: string;
  /** Server version that introduced the method, from its Go documentation; "0" when that does not say. */
  since: string;
  /** The wire form differs from the signature: see api-streams.ts. */
  byHand?: boolean;
  /** Type of the last result, which is thrown as an error. */
  fails?: "AppError" | "error";
  args: () => readonly Type<unknown>[];
  results: () => readonly Type<unknown>[];
}

export interface HookMethod extends ApiMethod {
  id: number;
  /** The host decodes the reply into the value it sent: fields missing from the reply stay unchanged. */
  prefilled?: boolean;
}
