/** The parts of a call to Microsoft Graph. */

import type { z } from "zod";

/** Whose rights a call uses: the app's own, or one person's. */
export interface Credential {
  /** A token with at least this many minutes left, where the tenant gives such tokens at all. */
  token(minimumMinutesLeft: number, signal?: AbortSignal): Promise<string>;
  /** Graph refused the token with 401: the next call must bring another one. Absent: the token is all there is. */
  forget?(): void;
}

/** For a token that the caller got elsewhere and cannot renew. */
export function fixedToken(token: string): Credential {
  return { token: async () => token };
}

export interface GraphRequest<T> {
  readonly method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Without version, such as `/appCatalogs/teamsApps?…`; or a next link of Graph, whole. */
  readonly path: string;
  /** Such as `Prefer` or `If-Match`. Authorization and Content-Type are set here and nowhere else. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. A stream is read once, so such a request is never repeated. */
  readonly content?: {
    readonly type: string;
    readonly bytes: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  };
  /** Parses the answer's JSON; without it the body is not read (202, 204). */
  readonly answer?: z.ZodType<T>;
  /** Default: the app's own. */
  readonly credential?: Credential;
  readonly minimumMinutesLeft?: number;
  /** Tries in all. Default 3 for GET, 1 for other methods, whose callers have a queue. */
  readonly tries?: number;
  readonly signal?: AbortSignal;
  /** Largest JSON answer that is read. Default 4 MB. */
  readonly maxAnswerBytes?: number;
  /** From the first packet to the last byte of the answer. Default: the limit of every outgoing call, 20 s. */
  readonly limitMs?: number;
}

export interface Download {
  /** As the server says; never believed where it matters. */
  readonly contentType: string;
  /** Bytes, or null where the server does not say. */
  readonly length: number | null;
  /** Errors when the time limit or the signal ends it. */
  readonly body: ReadableStream<Uint8Array>;
}

export interface FileUpload {
  /** Of the item to be, up to its last colon: `/me/drive/root:/folder/name.txt:`. A taken name gets a number. */
  readonly path: string;
  readonly size: number;
  /** From the first byte, exactly `size`, each time it is called. Each part is copied before the next one is asked for. */
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
  /** All items of all pages, as they arrive. `answer` parses one item. */
  items<T>(request: GraphRequest<T>): AsyncIterable<T>;
  /** A file. Graph redirects to a storage host: it must be one of the cloud's, and gets no token. */
  download(request: Omit<GraphRequest<never>, "answer" | "body" | "content">): Promise<Download>;
  /**
   * A stream becomes a file; at most a range of 3.2 MB is held. Throws as `request` does, or UploadSizeMismatch where
   * the stream has another length. Begins again where Microsoft has lost what it had.
   */
  upload(file: FileUpload): Promise<DriveItem>;
}
