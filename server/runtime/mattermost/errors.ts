import type { AppError as WireAppError } from "./wire/model.gen.ts";

/**
 * *model.AppError, the server's form of an error. API methods throw it; a hook that may fail throws one to choose the
 * HTTP status and the text for the user.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  /** Translation id, e.g. "store.sql_user.missing_account.const". */
  readonly id: string;
  /** HTTP status. */
  readonly statusCode: number;
  /** The server function that failed. */
  readonly where: string;
  readonly detailedError: string;
  readonly requestId: string;

  constructor(message: string, details: AppErrorDetails = {}) {
    super(message);
    this.id = details.id ?? "";
    this.statusCode = details.statusCode ?? 500;
    this.where = details.where ?? "";
    this.detailedError = details.detailedError ?? "";
    this.requestId = details.requestId ?? "";
  }

  static fromWire(wire: WireAppError): AppError {
    return new AppError(wire.Message, {
      id: wire.Id,
      statusCode: wire.StatusCode,
      where: wire.Where,
      detailedError: wire.DetailedError,
      requestId: wire.RequestId,
    });
  }
}

export interface AppErrorDetails {
  id?: string;
  statusCode?: number;
  where?: string;
  detailedError?: string;
  requestId?: string;
}

/** A Go error without a special type: *plugin.ErrorString on the wire. */
export class GoError extends Error {
  override readonly name = "GoError";
  /** The sentinel that Go code compares with `==`, e.g. "io.EOF"; null for any other error. */
  readonly sentinel: Sentinel | null;

  constructor(message: string, sentinel: Sentinel | null = null) {
    super(message);
    this.sentinel = sentinel;
  }
}

/** plugin.ErrorString.Code: position in this list, from 1. */
export const sentinels = [
  "io.EOF",
  "sql.ErrNoRows",
  "sql.ErrConnDone",
  "sql.ErrTxDone",
  "driver.ErrSkip",
  "driver.ErrBadConn",
  "driver.ErrRemoveArgument",
] as const;
export type Sentinel = (typeof sentinels)[number];

/** The server is older than the API method. Check with `host.supports(method)`. */
export class NotSupportedByServer extends Error {
  override readonly name = "NotSupportedByServer";
  /** Name in TypeScript, e.g. "logAuditRec". */
  readonly method: string;
  /** First server version that has it; "0" when its documentation does not say. */
  readonly since: string;

  constructor(method: string, since: string) {
    super(
      `This Mattermost server has no plugin API method ${method}${since === "0" ? "" : ` (added in ${since})`}.`,
    );
    this.method = method;
    this.since = since;
  }
}

/**
 * A whole configuration would have been saved on a server of another version than this runtime knows. Settings that
 * only one of the two versions has would silently be reset to their defaults.
 */
export class ConfigOfAnotherVersion extends Error {
  override readonly name = "ConfigOfAnotherVersion";
  constructor(server: string, known: string) {
    super(
      `This plugin knows the configuration of Mattermost ${known} and the server is ${server}: saving it would reset ` +
        "settings that only one of them has. Save the plugin's own settings with savePluginConfig.",
    );
  }
}

/** The API was called before the server activated the plugin. */
export class NotActivated extends Error {
  override readonly name = "NotActivated";
  constructor(method: string) {
    super(`${method} was called before the plugin was activated: call the API from onActivate or later.`);
  }
}

/**
 * The server did not answer an API call within its time limit. Whether it carried out the call is unknown, so do not
 * simply repeat a call that must not happen twice.
 */
export class ApiTimeout extends Error {
  override readonly name = "ApiTimeout";
  /** Name in TypeScript, e.g. "kvGet". */
  readonly method: string;
  readonly seconds: number;

  constructor(method: string, seconds: number) {
    super(`The Mattermost server did not answer ${method} within ${seconds} s.`);
    this.method = method;
    this.seconds = seconds;
  }
}

/** The connection to the server's API is broken. The process ends, and the server restarts it. */
export class ApiLost extends Error {
  override readonly name = "ApiLost";
  constructor(method: string) {
    super(`${method} was called after the connection to the server had broken.`);
  }
}
