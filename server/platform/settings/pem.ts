/**
 * Splits PEM text into blocks, as RFC 7468 allows it and as people paste it: text around the blocks (comments,
 * `openssl x509 -text`, bag attributes), indented lines, several kinds of blocks. The platform's own parser reads the
 * contents.
 */

import { pastedWords } from "./pasted.ts";

export interface PemBlock {
  /** For example `CERTIFICATE` or `RSA PRIVATE KEY`. */
  readonly label: string;
  /** Position among all blocks of the text, from 1. */
  readonly number: number;
  /** `null`: the block has no end, or is not base64. */
  readonly der: Buffer | null;
  /** Encrypted as in RFC 1421, with headers inside the block. */
  readonly encrypted: boolean;
}

/** Word processors turn hyphens into dashes; `--` becomes a single one. */
const BEGIN = /[-–—]{2,5} ?BEGIN ([A-Z0-9][A-Z0-9 ]*?) ?[-–—]{2,5}/g;
const END = /[-–—]{2,5} ?END [A-Z0-9 ]*?[-–—]{2,5}/;
/** Headers such as `Proc-Type: 4,ENCRYPTED` (RFC 1421). An empty line follows the last one. */
const HEADERS = /^\s*(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n\s*)+/;

export function pemBlocks(text: string): PemBlock[] {
  const plain = pastedWords(text)
    // In JSON, YAML and environment variables, line ends may be written as two characters.
    .replace(/\\r\\n|\\n|\\r/g, "\n")
    .replace(/\r\n?/g, "\n");
  const starts = [...plain.matchAll(BEGIN)];
  return starts.map((start, index) => {
    const rest = plain.slice(start.index + start[0].length, starts[index + 1]?.index);
    const end = END.exec(rest);
    const inside = rest.slice(0, end?.index);
    const headers = HEADERS.exec(inside)?.[0] ?? "";
    return {
      label: start[1] ?? "",
      number: index + 1,
      der: end ? base64(inside.slice(headers.length)) : null,
      encrypted: /Proc-Type:\s*4,\s*ENCRYPTED/i.test(inside),
    };
  });
}

function base64(text: string): Buffer | null {
  // Removes everything invisible between the digits: spaces, control characters, joiners, direction marks.
  const digits = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, "");
  return /^[A-Za-z0-9+/]+={0,2}$/.test(digits) ? Buffer.from(digits, "base64") : null;
}

/** `X509 CERTIFICATE` is OpenSSL's older label; a `TRUSTED` one has OpenSSL's own notes after the certificate. */
export const isCertificate = ({ label }: PemBlock): boolean =>
  label === "CERTIFICATE" || label === "X509 CERTIFICATE" || label === "TRUSTED CERTIFICATE";
export const isPrivateKey = ({ label }: PemBlock): boolean => label.endsWith("PRIVATE KEY");
