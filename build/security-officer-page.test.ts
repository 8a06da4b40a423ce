// docs/security-officer.md states the executable's cryptography. Checks it against the runtime and the source.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { root } from "./architecture.ts";

const page = await Bun.file(join(root, "docs/security-officer.md")).text();
const files = [...new Glob("server/**/*.ts").scanSync(root)].filter(
  (path) => !/\.test\.ts$|\/testing\/|\/testdata\/|\/interop\//.test(path),
);
const source = (await Promise.all(files.map((path) => Bun.file(join(root, path)).text()))).join("\n");

/** Algorithms in the source, and their names on the page. */
const algorithms: Readonly<Record<string, string>> = {
  sha256: "SHA-256",
  md5: "MD5",
  "aes-256-gcm": "AES-256-GCM",
  "aes-256-cbc": "AES-256-CBC",
  rsa: "RSA",
};

/** Algorithms that code names when it calls the runtime's cryptography. */
const usedIn = (code: string) => [
  ...new Set(
    [
      ...code.matchAll(
        /\b(?:createHash|createHmac|createSign|createCipheriv|createDecipheriv|CryptoHasher|generateKeyPair\w*\)?)\(\s*"([^"]+)"/g,
      ),
    ].map(([, name = ""]) => name.toLowerCase()),
  ),
];
const row = (name: string) =>
  page.split("\n").find((line) => line.startsWith("|") && line.includes(name)) ?? "";

describe("the statement on cryptography", () => {
  test("names the runtime and the revision of its library", () => {
    expect(page).toContain(`Bun ${Bun.version}, BoringSSL revision \`${process.versions.boringssl}\``);
  });

  test("names every algorithm that the source uses", () => {
    const used = usedIn(source);
    expect(used).toContain("sha256");
    expect(used.filter((name) => !page.includes(algorithms[name] ?? `unknown: ${name}`))).toEqual([]);
  });

  test("says `not in this version` of exactly those ciphers that the source does not use", () => {
    for (const name of ["aes-256-gcm", "aes-256-cbc"])
      expect([name, row(algorithms[name] ?? "").includes("not in this version")]).toEqual([
        name,
        !source.includes(`"${name}"`),
      ]);
  });

  test("an algorithm that the page does not know is found", () => {
    expect(
      usedIn('createHash("SHA1"); new Bun.CryptoHasher("sha512"); promisify(generateKeyPair)("rsa", {})'),
    ).toEqual(["sha1", "sha512", "rsa"]);
  });
});
