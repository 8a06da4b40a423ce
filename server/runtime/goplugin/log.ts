import { writeSync } from "node:fs";
import { MAX_LOG_LINE_BYTES } from "./limits.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** Values are cut at this length: a stack trace fits, a request body does not. */
const MAX_VALUE_CHARACTERS = 8 * 1024;
const MAX_FIELDS = 32;

/**
 * Formats one line of stderr that a go-plugin host logs at its level (hclog's JSON form):
 *
 *   {"@level":"info","@message":"…","@timestamp":"2006-01-02T15:04:05.000000Z","key":"value", …}
 *
 * The host reads `@level`, `@message` and `@timestamp` with an unchecked type assertion: anything but a string there
 * crashes the *server*. So fields cannot override these three, and nothing but this function writes to stderr.
 */
export function logLine(
  level: LogLevel,
  message: string,
  fields: Record<string, unknown> = {},
  now: Date = new Date(),
): string {
  const line: Record<string, string> = {};
  for (const [key, value] of Object.entries(fields).slice(0, MAX_FIELDS)) {
    line[key.startsWith("@") ? `field ${key}` : key] = cut(text(value));
  }
  const timestamp = `${now.toISOString().slice(0, 23)}000Z`;
  const required = { "@level": level, "@message": cut(message), "@timestamp": timestamp };
  const complete = JSON.stringify({ ...required, ...line });
  if (Buffer.byteLength(complete) <= MAX_LOG_LINE_BYTES) return complete;
  return JSON.stringify({ ...required, "@message": cut(message, 1024), note: "fields left out: too long" });
}

let isOver = false;

/**
 * Logs the reason for the end of the process and drops all later lines: they would only report consequences of it.
 */
export function logLast(level: LogLevel, message: string, fields?: Record<string, unknown>): void {
  log(level, message, fields);
  isOver = true;
}

/** Logs through the host. Never throws: a host that has ended reads no logs. */
export function log(level: LogLevel, message: string, fields?: Record<string, unknown>): void {
  if (isOver) return;
  try {
    writeSync(2, `${logLine(level, message, fields)}\n`);
  } catch {
    // EPIPE: the host is gone. EAGAIN: it does not read. In both cases hooks must not block on logging.
  }
}

/**
 * Sends console output to the host's log. After the handshake, a line on stdout would be lost and a long one would
 * block the pipe.
 */
export function redirectConsole(): void {
  const to =
    (level: LogLevel) =>
    (...values: unknown[]) =>
      log(level, values.map(text).join(" "));
  Object.assign(globalThis.console, {
    trace: to("trace"),
    debug: to("debug"),
    log: to("info"),
    info: to("info"),
    warn: to("warn"),
    error: to("error"),
  });
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.stack ?? `${value.name}: ${value.message}`;
  try {
    return (
      JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner)) ??
      String(value)
    );
  } catch {
    return String(value);
  }
}

function cut(value: string, length = MAX_VALUE_CHARACTERS): string {
  return value.length <= length ? value : `${value.slice(0, length)}… (${value.length} characters)`;
}
