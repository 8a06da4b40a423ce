import { withoutFtl } from "../../engine/tiers.ts";
import type { GoHeader } from "./wire.ts";

/** A header that a web Headers object cannot hold. */
export class BadHeader extends Error {
  override readonly name = "BadHeader";
}

export function headersFromGo(header: GoHeader): Headers {
  const headers = new Headers();
  for (const name in header) {
    const values = header[name] as string[];
    try {
      for (const value of values) headers.append(name, byteString(value));
    } catch {
      throw new BadHeader(`the request has a header that is no header: ${JSON.stringify(name.slice(0, 64))}`);
    }
  }
  return headers;
}

/** Converts headers of our responses and requests. The host copies names unchanged, so they must be canonical. */
export function headersToGo(headers: Headers): GoHeader {
  const header: GoHeader = Object.create(null);
  headers.forEach((value, name) => {
    if (name === "set-cookie" || connectionHeaders.has(name)) return;
    header[canonical(name)] = [text(value)];
  });
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) header["Set-Cookie"] = cookies.map(text);
  return header;
}

/** Headers about the connection between client and server, which is not ours to control. */
const connectionHeaders = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "trailer",
  "upgrade",
]);

/** Go's textproto.CanonicalMIMEHeaderKey: "x-request-id" → "X-Request-Id". */
export function canonical(name: string): string {
  const known = canonicalNames.get(name);
  if (known !== undefined) return known;
  const made = name.replace(
    /(^|-)([a-z])/g,
    (_, dash: string, letter: string) => dash + letter.toUpperCase(),
  );
  // A plugin uses a few dozen names; the limit protects the cache from a plugin that invents names.
  if (canonicalNames.size < 1000) canonicalNames.set(name, made);
  return made;
}
const canonicalNames = new Map<string, string>();

/** Converts a Go header value, read as UTF-8, for web Headers, which hold one character per byte. */
function byteString(value: string): string {
  return isAscii(value) ? value : Buffer.from(value, "utf8").toString("latin1");
}

/** The reverse conversion. Bytes that are not UTF-8 stay as they are, one character each. */
function text(value: string): string {
  if (isAscii(value)) return value;
  const decoded = Buffer.from(value, "latin1").toString("utf8");
  return decoded.includes("\uFFFD") ? value : decoded;
}

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0x7e) return false;
  return true;
}

withoutFtl(headersFromGo);
withoutFtl(headersToGo);
