import type { Type } from "../../gob/index.ts";
import type { Context } from "./model.gen.ts";

/**
 * A value on its way to the server. Go's structs have no required fields: whatever is left out has Go's
 * zero value there, so `createPost({ ChannelId, Message })` is a whole post.
 */
export type Input<T> = T extends Uint8Array | Date | Map<unknown, unknown>
  ? T
  : T extends readonly (infer E)[]
    ? readonly Input<E>[]
    : T extends object
      ? { readonly [K in keyof T]?: Input<T[K]> | null | undefined }
      : T;

export type Awaitable<T> = T | Promise<T>;

/** Bytes that are sent to the server as a stream, never buffered as a whole. A chunk may change once the next one is asked for. */
export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Uint8Array | Blob | string;

/** The server's facts about a request that reached `serveHTTP`. */
export interface RequestContext extends Context {
  /** The signed-in user: the Mattermost-User-Id header, which only the server can set. */
  userId: string | null;
  /** The plugin that made the request by PluginHTTP: the Mattermost-Plugin-ID header. Trusted for the same reason. */
  sourcePluginId: string | null;
}

/** How a method of the Go interface travels: `Plugin.<go>` with args {A, B, C…} and reply {A, B, C…}. */
export interface ApiMethod {
  go: string;
  /** Server version that brought the method, as its Go documentation says; "0" when it does not. */
  since: string;
  /** Wire form differs from the signature: see api-streams.ts. */
  byHand?: boolean;
  /** Kind of the last result, which is thrown. */
  fails?: "AppError" | "error";
  args: () => readonly Type<unknown>[];
  results: () => readonly Type<unknown>[];
}

export interface HookMethod extends ApiMethod {
  id: number;
  /** The host decodes the reply into the value it sent: what the reply leaves out stays. */
  prefilled?: boolean;
}
