/**
 * Writes testdata/jws-vectors.json: signatures and encodings at the limits of what RFC 7515 and PKCS#1 allow, in the
 * form of Project Wycheproof's files. The signatures are made from raw padded blocks, which no library produces.
 *
 *   node build/bun.mjs server/microsoft/entra/testing/make-jws-vectors.ts
 */

import { createHash, createPrivateKey, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { v2Claims } from "./authority.ts";

/** The time of all vectors, in seconds since 1970. */
export const VECTORS_AT = 1_795_000_000;

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws: string;
  /** `acceptable`: the standards leave it to the verifier; the test states what ours does and why. */
  readonly result: "valid" | "invalid" | "acceptable";
  readonly flags: readonly string[];
}

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" })).export({ format: "jwk" });
const number = (part: "n" | "d") =>
  BigInt(`0x${Buffer.from(String(jwk[part]), "base64url").toString("hex")}`);
const n = number("n");
const d = number("d");
const SIZE = 256;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = base % n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % n;
    factor = (factor * factor) % n;
  }
  return result;
}

const toBytes = (value: bigint, size = SIZE) =>
  Buffer.from(value.toString(16).padStart(size * 2, "0"), "hex");
const rawSign = (block: Buffer) => power(BigInt(`0x${block.toString("hex")}`), d);

const base64url = (value: string | Uint8Array) => Buffer.from(value).toString("base64url");
const KID = "vector-key";
const header = base64url(JSON.stringify({ alg: "RS256", typ: "JWT", kid: KID }));
const payload = base64url(JSON.stringify(v2Claims(VECTORS_AT)));

/** DigestInfo of RFC 8017 section 9.2, note 1. */
const info = {
  sha256: Buffer.from("3031300d060960864801650304020105000420", "hex"),
  sha256WithoutNull: Buffer.from("302f300b0609608648016503040201" + "0420", "hex"),
  sha256LongLength: Buffer.from("308131300d060960864801650304020105000420", "hex"),
  sha256OctetNull: Buffer.from("3031300d060960864801650304020104000420", "hex"),
  sha1: Buffer.from("3021300906052b0e03021a05000414", "hex"),
  sha512: Buffer.from("3051300d060960864801650304020305000440", "hex"),
  none: Buffer.alloc(0),
};

function block(
  signed: string,
  options: {
    info?: Buffer;
    hash?: string;
    type?: number;
    fill?: number;
    first?: number;
    padding?: number;
    separator?: number;
    after?: Buffer;
  } = {},
): Buffer {
  const digest = createHash(options.hash ?? "sha256")
    .update(signed)
    .digest();
  const after = options.after ?? Buffer.alloc(0);
  const tail = Buffer.concat([Buffer.from([options.separator ?? 0]), options.info ?? info.sha256, digest]);
  const padding = options.padding ?? SIZE - 2 - tail.length - after.length;
  const rest = SIZE - 2 - padding - tail.length - after.length;
  return Buffer.concat([
    Buffer.from([options.first ?? 0, options.type ?? 1]),
    Buffer.alloc(padding, options.fill ?? 0xff),
    tail,
    after,
    Buffer.alloc(Math.max(0, rest), 0x41),
  ]);
}

const vectors: Vector[] = [];
function add(comment: string, jws: string, result: Vector["result"], ...flags: string[]): void {
  vectors.push({ tcId: vectors.length + 1, comment, jws, result, flags });
}
const signed = `${header}.${payload}`;
const good = toBytes(rawSign(block(signed)));
const padded = (
  comment: string,
  options: Parameters<typeof block>[1],
  result: Vector["result"] = "invalid",
) => add(comment, `${signed}.${base64url(toBytes(rawSign(block(signed, options))))}`, result, "Padding");
const withHeader = (comment: string, text: string, result: Vector["result"], ...flags: string[]) => {
  const own = `${base64url(text)}.${payload}`;
  add(comment, `${own}.${base64url(toBytes(rawSign(block(own))))}`, result, ...flags);
};

add("a plain signature", `${signed}.${base64url(good)}`, "valid");
padded("without the NULL of the algorithm identifier", { info: info.sha256WithoutNull }, "acceptable");
padded("a length in long form", { info: info.sha256LongLength });
padded("an OCTET STRING in place of NULL", { info: info.sha256OctetNull });
padded("no DigestInfo at all", { info: info.none });
padded("SHA-1", { info: info.sha1, hash: "sha1" });
padded("SHA-512", { info: info.sha512, hash: "sha512" });
padded("the name of SHA-256 before a SHA-1", { hash: "sha1" });
padded("the name of SHA-1 before a SHA-256", { info: info.sha1 });
padded("block type 0", { type: 0, fill: 0 });
padded("block type 2", { type: 2, fill: 0x5a });
padded("block type 3", { type: 3 });
padded("padding of zeros", { fill: 0 });
padded("padding of 0xfe", { fill: 0xfe });
padded("eight bytes of padding and rubbish behind the digest", { padding: 8 });
padded("no padding and rubbish behind the digest", { padding: 0 });
padded("one byte behind the digest", { after: Buffer.from([0]) });
padded("a separator of 1", { separator: 1 });
padded("a separator of 0xff", { separator: 0xff });

add(
  "the signature and the modulus",
  `${signed}.${base64url(toBytes(BigInt(`0x${good.toString("hex")}`) + n, SIZE + 1))}`,
  "invalid",
  "Range",
);
add(
  "the negative signature",
  `${signed}.${base64url(toBytes(n - BigInt(`0x${good.toString("hex")}`)))}`,
  "invalid",
  "Range",
);
for (const [comment, value] of [
  ["0", 0n],
  ["1", 1n],
  ["the modulus less 1", n - 1n],
  ["the modulus", n],
] as const)
  add(`the number ${comment}`, `${signed}.${base64url(toBytes(value))}`, "invalid", "Range");
add("a zero before", `${signed}.${base64url(Buffer.concat([Buffer.alloc(1), good]))}`, "invalid", "Length");
add("a zero behind", `${signed}.${base64url(Buffer.concat([good, Buffer.alloc(1)]))}`, "invalid", "Length");
add("the first byte missing", `${signed}.${base64url(good.subarray(1))}`, "invalid", "Length");
add("the last byte missing", `${signed}.${base64url(good.subarray(0, -1))}`, "invalid", "Length");
add("twice", `${signed}.${base64url(Buffer.concat([good, good]))}`, "invalid", "Length");
add("backwards", `${signed}.${base64url(Buffer.from(good).reverse())}`, "invalid");
add("of the payload alone", `${signed}.${base64url(toBytes(rawSign(block(payload))))}`, "invalid");
add(
  "of header and payload without the dot",
  `${signed}.${base64url(toBytes(rawSign(block(header + payload))))}`,
  "invalid",
);
add(
  "of the decoded payload",
  `${signed}.${base64url(toBytes(rawSign(block(JSON.stringify(v2Claims(VECTORS_AT))))))}`,
  "invalid",
);

add("padding of base64", `${signed}.${base64url(good)}==`, "invalid", "Encoding");
add(
  "letters of plain base64",
  `${signed}.${good.toString("base64").replace(/=+$/, "")}`,
  "invalid",
  "Encoding",
);
add("hexadecimal", `${signed}.${good.toString("hex")}`, "invalid", "Encoding");
add("a line break inside", `${signed}.${base64url(good).replace(/(.{64})/, "$1\n")}`, "invalid", "Encoding");
add("a blank at the end", `${signed}.${base64url(good)} `, "invalid", "Encoding");
add("a dot at the end", `${signed}.${base64url(good)}.`, "invalid", "Encoding");
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const text = base64url(good);
const twin = alphabet[alphabet.indexOf(text.at(-1) ?? "") | 1] ?? "";
add("unused bits set", `${signed}.${text.slice(0, -1)}${twin}`, "acceptable", "Encoding");

withHeader("blanks in the header", `{ "alg" : "RS256" , "kid" : "${KID}" }`, "valid", "Header");
withHeader("an unknown member", `{"alg":"RS256","kid":"${KID}","x":{"y":[1]}}`, "valid", "Header");
withHeader("alg twice, RS256 last", `{"alg":"none","alg":"RS256","kid":"${KID}"}`, "acceptable", "Header");
withHeader("alg twice, none last", `{"alg":"RS256","alg":"none","kid":"${KID}"}`, "invalid", "Header");
withHeader("alg in other case beside it", `{"alg":"RS256","ALG":"none","kid":"${KID}"}`, "valid", "Header");
withHeader(
  "alg spelled with an escape",
  `{"alg":"RS\\u0032\\u0035\\u0036","kid":"${KID}"}`,
  "valid",
  "Header",
);
withHeader("alg with a NUL", `{"alg":"RS256\\u0000","kid":"${KID}"}`, "invalid", "Header");
withHeader("typ in small letters", `{"alg":"RS256","typ":"jwt","kid":"${KID}"}`, "acceptable", "Header");
withHeader("cty", `{"alg":"RS256","cty":"JWT","kid":"${KID}"}`, "valid", "Header");
withHeader(
  "a critical extension that is there",
  `{"alg":"RS256","crit":["x"],"x":1,"kid":"${KID}"}`,
  "invalid",
  "Header",
);
withHeader("zip", `{"alg":"RS256","zip":"DEF","kid":"${KID}"}`, "acceptable", "Header");
withHeader("a comma too many", `{"alg":"RS256","kid":"${KID}",}`, "invalid", "Header");
withHeader("a comment", `{"alg":"RS256"/**/,"kid":"${KID}"}`, "invalid", "Header");
withHeader("single quotes", `{'alg':'RS256','kid':'${KID}'}`, "invalid", "Header");
withHeader("something behind the object", `{"alg":"RS256","kid":"${KID}"} x`, "invalid", "Header");
withHeader("a byte order mark", `\uFEFF{"alg":"RS256","kid":"${KID}"}`, "invalid", "Header");

await Bun.write(
  join(import.meta.dir, "../testdata/jws-vectors.json"),
  `${JSON.stringify(
    {
      algorithm: "RS256",
      at: VECTORS_AT,
      key: { kty: "RSA", kid: KID, use: "sig", alg: "RS256", n: jwk.n, e: jwk.e },
      tests: vectors,
    },
    null,
    1,
  )}\n`,
);
process.stdout.write(`${vectors.length} vectors\n`);
