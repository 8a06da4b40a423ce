/** Codes for why a file was not copied. The texts are in words.ts, and in features that have their own. */

import { GraphError, StorageUnreachable } from "../graph/index.ts";

export type FileReason =
  | "denied"
  | "empty"
  | "failed"
  | "gone"
  | "locked"
  | "no_drive"
  | "no_room"
  | "no_storage"
  | "not_taken"
  | "too_large"
  | "too_large_there"
  | "too_many_pixels";

export interface Refusal {
  readonly reason: FileReason;
  /** With `too_large`; otherwise 0. */
  readonly limitMb: number;
}

/** A permanent failure: another try with the same file does not help. */
export class FileRefused extends Error implements Refusal {
  override readonly name = "FileRefused";
  readonly reason: FileReason;
  readonly limitMb: number;

  constructor(reason: FileReason, limitMb = 0) {
    super(`a file was refused: ${reason}`);
    this.reason = reason;
    this.limitMb = limitMb;
  }
}

export const tooLarge = (maxBytes: number) =>
  new FileRefused("too_large", Math.floor(maxBytes / 1024 / 1024));

/** A file that was not copied, for the notice to the author of the message. */
export interface MissingFile {
  readonly name: string;
  readonly refusal: Refusal;
}

/** Returns the reason for a permanent failure. `unknown`: the reason when Microsoft does not know the address. */
export function refusalOf(error: unknown, unknown: FileReason = "gone"): Refusal {
  if (error instanceof FileRefused) return { reason: error.reason, limitMb: error.limitMb };
  if (error instanceof StorageUnreachable) return { reason: "no_storage", limitMb: 0 };
  return { reason: error instanceof GraphError ? reasonOf(error, unknown) : "failed", limitMb: 0 };
}

function reasonOf({ code, status }: GraphError, unknown: FileReason): FileReason {
  if (status === 404 || status === 410) return unknown;
  if (/quota|insufficientstorage/i.test(code)) return "no_room";
  return reasons[status] ?? "failed";
}

const reasons: Readonly<Record<number, FileReason>> = {
  401: "denied",
  403: "denied",
  413: "too_large_there",
  423: "locked",
  507: "no_room",
};
