import { Tagged, tagged } from "../gob/index.ts";
import { AppError, GoError, type Sentinel, sentinels } from "./errors.ts";
import type { ErrorString, AppError as WireAppError } from "./wire/model.gen.ts";

/**
 * Reads Go's `error`, which is an interface: on the wire it is nil, *model.AppError, *pq.Error (a database error of
 * the server), or *plugin.ErrorString for everything else.
 */
export function errorFromWire(value: unknown): Error | null {
  if (value === null || value === undefined) return null;
  if (!(value instanceof Tagged)) return new GoError("the server answered an error of an unknown type");
  switch (value.$type) {
    case "*model.AppError":
      return AppError.fromWire(value.value as WireAppError);
    case "*plugin.ErrorString": {
      const { Code, Err } = value.value as ErrorString;
      return new GoError(Err, sentinels[Code - 1] ?? null);
    }
    case "*pq.Error": {
      const { Message, Code } = value.value as { Message: string; Code: string };
      return new GoError(`pq: ${Message} (${Code})`);
    }
    default:
      return new GoError(`the server answered an error of type ${value.$type}`);
  }
}

/** Converts an error that a hook threw to Go's `error`. */
export function errorToWire(error: unknown): Tagged {
  if (error instanceof AppError) return tagged("*model.AppError", appErrorToWire(error));
  const sentinel = error instanceof GoError ? error.sentinel : null;
  return tagged("*plugin.ErrorString", { Code: sentinel ? codeOf(sentinel) : 0, Err: textOf(error) });
}

/** Converts an error that a hook threw to *model.AppError: any other error becomes a plain 500. */
export function appErrorToWire(error: unknown, where = ""): WireAppError {
  const known = error instanceof AppError ? error : new AppError(textOf(error), { where });
  return {
    Id: known.id,
    Message: known.message,
    DetailedError: known.detailedError,
    RequestId: known.requestId,
    StatusCode: known.statusCode,
    Where: known.where || where,
    SkipTranslation: known.id === "",
  };
}

function codeOf(sentinel: Sentinel): number {
  return sentinels.indexOf(sentinel) + 1;
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)) || "unknown error";
}
