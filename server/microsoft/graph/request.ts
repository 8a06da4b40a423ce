/** Types for calls to Microsoft Graph. */

import type { z } from "zod";

/** Whose permissions a call uses: the app's own, or one person's. */
export interface Credential {
  /** Returns a token with at least this many minutes left, if the tenant issues such tokens. */
  token(minimumMinutesLeft: number, signal?: AbortSignal): Promise<string>;
  /**
   * Called when Graph refused the token with 401: the next call must return another one. Absent when there is no
   * other.
   */
  forget?(): void;
}

/** For a token that the caller got elsewhere and that cannot be renewed. */
export function fixedToken(token: string): Credential {
  return { token: async () => token };
}

export interface GraphRequest<T> {
  readonly method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Without version, such as `/appCatalogs/teamsApps?…`; or a whole next link of Graph. */
  readonly path: string;
  /** Headers such as `Prefer` or `If-Match`. Only the client sets Authorization and Content-Type. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. A stream can be read only once, so such a request is never repeated. */
  readonly content?: {
    readonly type: string;
    readonly bytes: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  };
  /** Parses the JSON answer. Without it the body is not read (202, 204). */
  readonly answer?: z.ZodType<T>;
  /** Default: the app's own credential. */
  readonly credential?: Credential;
  readonly minimumMinutesLeft?: number;
  /** Total attempts. Default 3 for GET, 1 for other methods, whose callers have a queue. */
  readonly tries?: number;
  readonly signal?: AbortSignal;
  /** Size limit of a JSON answer. Default 4 MB. */
  readonly maxAnswerBytes?: number;
  /** Time from the first packet to the last byte of the answer. Default: the limit of every outgoing call, 20 s. */
  readonly limitMs?: number;
}

export interface Download {
  /** As the server states it; do not rely on it. */
  readonly contentType: string;
  /** In bytes, or null when the server does not state it. */
  readonly length: number | null;
  /** Fails when the time limit or the signal ends it. */
  readonly body: ReadableStream<Uint8Array>;
}

export interface FileUpload {
  /**
   * Path of the new item up to its last colon: `/me/drive/root:/folder/name.txt:`. A number is added to a name that
   * is taken.
   */
  readonly path: string;
  readonly size: number;
  /** Yields exactly `size` bytes from the start, on each call. Each part is copied before the next one is requested. */
  readonly bytes: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  readonly credential: Credential;
  readonly signal: AbortSignal;
}

/** A file that OneDrive or SharePoint holds. */
export interface DriveItem {
  readonly id: string;
  /** The stored name, which may differ from the requested one. */
  readonly name: string;
  readonly eTag: string;
  readonly webUrl?: string | null | undefined;
  readonly webDavUrl?: string | null | undefined;
  readonly parentReference?: { readonly driveId?: string | null | undefined } | null | undefined;
}

export interface GraphClient {
  /** Throws GraphError, GraphUnreachable, or the credential's ProductError. */
  request<T = void>(request: GraphRequest<T>): Promise<T>;
  /** Iterates over the items of all pages as they arrive. `answer` parses one item. */
  items<T>(request: GraphRequest<T>): AsyncIterable<T>;
  /** Downloads a file. Graph redirects to a storage host, which must belong to the cloud and gets no token. */
  download(request: Omit<GraphRequest<never>, "answer" | "body" | "content">): Promise<Download>;
  /**
   * Stores a stream as a file; memory holds at most a range of 3.2 MB. Throws as `request` does, or UploadSizeMismatch
   * when the stream has another length. Begins again when Microsoft has lost the ranges that it had.
   */
  upload(file: FileUpload): Promise<DriveItem>;
}
