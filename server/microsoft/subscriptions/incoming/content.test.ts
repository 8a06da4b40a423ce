import { describe, expect, test } from "bun:test";
import { constants, randomBytes } from "node:crypto";
import { type KeyPair, rsaKeyPair } from "../../../../e2e/sandbox/entra/key-pairs.ts";
import { encrypt } from "../testing/encrypt.ts";
import { type EncryptedContent, importContentKey, openContent } from "./content.ts";

const ours = rsaKeyPair("content");
const theirs = rsaKeyPair("another content");
const message = { id: "1700", body: { content: "<p>Grüße 👋</p>" }, replies: [] };
const good = encrypt(JSON.stringify(message), ours.publicKey);
const importKey = ({ privateKey }: KeyPair) =>
  importContentKey(privateKey.export({ type: "pkcs8", format: "der" }));
const ourKey = await importKey(ours);
const open = (content: EncryptedContent) => openContent(content, ourKey);

describe("an encrypted content", () => {
  test("is decrypted", async () => expect(await open(good)).toEqual({ ok: true, json: message }));

  test("of every length around a block boundary is decrypted", async () => {
    for (let length = 0; length <= 33; length += 1) {
      const json = { a: "x".repeat(length) };
      expect(await open(encrypt(JSON.stringify(json), ours.publicKey))).toEqual({ ok: true, json });
    }
  });

  test("for a key of 4096 bits is decrypted", async () => {
    const large = rsaKeyPair("content", 4096);
    expect((await openContent(encrypt("{}", large.publicKey), await importKey(large))).ok).toBe(true);
  });
});

describe("an encrypted content is refused", () => {
  const flip = (base64: string, at = 0) => {
    const bytes = Buffer.from(base64, "base64");
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes.toString("base64");
  };
  const json = JSON.stringify(message);
  const refused: [name: string, content: EncryptedContent, problem: string][] = [
    ["another bit in the data", { ...good, data: flip(good.data) }, "forged"],
    ["another bit in the last block", { ...good, data: flip(good.data, 40) }, "forged"],
    ["another bit in the key", { ...good, dataKey: flip(good.dataKey) }, "forged"],
    ["another bit in the signature", { ...good, dataSignature: flip(good.dataSignature) }, "forged"],
    ["for another certificate", encrypt(json, theirs.publicKey), "forged"],
    ["signed with another key", encrypt(json, ours.publicKey, { hmacKey: randomBytes(32) }), "forged"],
    [
      "signed over the base64 text",
      encrypt(json, ours.publicKey, { signed: Buffer.from(good.data) }),
      "forged",
    ],
    ["OAEP with SHA-256", encrypt(json, ours.publicKey, { oaepHash: "sha256" }), "forged"],
    [
      "PKCS #1 v1.5 padding",
      encrypt(json, ours.publicKey, { padding: constants.RSA_PKCS1_PADDING }),
      "forged",
    ],
    ["a key of 16 bytes", encrypt(json, ours.publicKey, { key: randomBytes(16) }), "forged"],
    ["the signature of another content", { ...encrypt("{}", ours.publicKey), data: good.data }, "forged"],
    ["no data", { ...good, data: "" }, "malformed"],
    ["half a block", { ...good, data: Buffer.alloc(24).toString("base64") }, "malformed"],
    ["no base64 in the data", { ...good, data: `${good.data.slice(0, -4)}!!!!` }, "malformed"],
    ["base64url", { ...good, dataKey: "-_-_" }, "malformed"],
    ["blanks in the base64", { ...good, data: ` ${good.data}   ` }, "malformed"],
    ["no key", { ...good, dataKey: "" }, "forged"],
    ["a key of 2 KB", { ...good, dataKey: Buffer.alloc(2048).toString("base64") }, "malformed"],
    ["no signature", { ...good, dataSignature: "" }, "malformed"],
    ["a short signature", { ...good, dataSignature: good.dataSignature.slice(0, 40) }, "malformed"],
    ["data of 2 MB", { ...good, data: "A".repeat(2 * 1024 * 1024) }, "malformed"],
    ["a list", encrypt("[]", ours.publicKey), "malformed"],
    ["null", encrypt("null", ours.publicKey), "malformed"],
    ["no JSON", encrypt("<message/>", ours.publicKey), "malformed"],
    ["nothing inside", encrypt("", ours.publicKey), "malformed"],
    ["no UTF-8", encrypt(new Uint8Array([0x22, 0xff, 0x22]), ours.publicKey), "malformed"],
    ["JSON without end", encrypt("[".repeat(500_000), ours.publicKey), "malformed"],
  ];
  for (const [name, content, problem] of refused) {
    test(name, async () => expect(await open(content)).toEqual({ ok: false, problem } as never));
  }
});
