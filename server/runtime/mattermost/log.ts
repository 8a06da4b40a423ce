import { log as logToStderr } from "../goplugin/index.ts";
import { printed } from "./go-values.ts";
import type { Api } from "./wire/api.gen.ts";

export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** Returns a logger that adds these fields to every line. */
  child(fields: Record<string, unknown>): Logger;
}

export type LogApi = Pick<Api, "logDebug" | "logInfo" | "logWarn" | "logError">;
type Level = "debug" | "info" | "warn" | "error";

const methods = { debug: "logDebug", info: "logInfo", warn: "logWarn", error: "logError" } as const;

/** Lines in progress to the server. Further ones go to stderr, which the server reads too. */
const MAX_LINES_UNDER_WAY = 256;

/** Logs through the API while `connected`, else through stderr, which the server logs at the same level. */
export function makeLogger(api: LogApi, connected: () => boolean): Logger {
  let underWay = 0;

  function write(level: Level, message: string, fields: Record<string, unknown>): void {
    if (!connected() || underWay >= MAX_LINES_UNDER_WAY) {
      logToStderr(level, message, asText(fields));
      return;
    }
    const pairs = Object.entries(fields).flatMap(([key, value]) => [key, printed(value)]);
    underWay++;
    api[methods[level]](message, ...pairs)
      .catch(() => logToStderr(level, message, asText(fields)))
      .finally(() => {
        underWay--;
      });
  }

  const withFields = (own: Record<string, unknown>): Logger => ({
    debug: (message, fields) => write("debug", message, { ...own, ...fields }),
    info: (message, fields) => write("info", message, { ...own, ...fields }),
    warn: (message, fields) => write("warn", message, { ...own, ...fields }),
    error: (message, fields) => write("error", message, { ...own, ...fields }),
    child: (fields) => withFields({ ...own, ...fields }),
  });
  return withFields({});
}

function asText(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, printed(value)]));
}
