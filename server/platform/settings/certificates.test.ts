// Tests pasted certificates. openssl creates every file, so that they do not come from the code under test.
import { afterAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rsaKeyPair } from "../../../e2e/sandbox/entra/key-pairs.ts";
import { buildConfig } from "../../microsoft/config/index.ts";

const folder = mkdtempSync(join(tmpdir(), "pem-"));
afterAll(() => rmSync(folder, { recursive: true }));

function openssl(...args: string[]): string {
  const done = Bun.spawnSync(["openssl", ...args], { cwd: folder });
  if (done.exitCode !== 0) throw new Error(done.stderr.toString());
  return done.stdout.toString();
}
const file = (name: string) => readFileSync(join(folder, name), "utf8");

/** Writes an RSA key as `{name}.key`. openssl needs half a second for a new one. */
function rsaKey(name: string): string[] {
  const { privateKey } = rsaKeyPair(`pasted-${name}`);
  writeFileSync(join(folder, `${name}.key`), privateKey.export({ type: "pkcs8", format: "pem" }));
  return ["-key", `${name}.key`];
}

/** Writes a self-signed certificate and its key as `{name}.pem` and `{name}.key`. */
function issue(name: string, ...key: string[]): { cert: string; key: string } {
  openssl(
    ...["req", "-x509", ...key, "-out", `${name}.pem`],
    ...["-subj", `/CN=${name}/O=Example`, "-days", "400"],
  );
  return { cert: file(`${name}.pem`), key: file(`${name}.key`) };
}
const newKey = (name: string, ...kind: string[]) => ["-nodes", "-keyout", `${name}.key`, "-newkey", ...kind];

const good = issue("good", ...rsaKey("good"));
const other = issue("other", ...rsaKey("other"));
const root = issue("root", ...rsaKey("root"));
const small = issue("small", ...newKey("small", "rsa:1024"));
const ec = issue("ec", ...newKey("ec", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"));
const ed = issue("ed", ...newKey("ed", "ed25519"));
const ecTraditional = openssl("ec", "-in", "ec.key");
const traditional = openssl("rsa", "-in", "good.key", "-traditional");
const locked1 = openssl("rsa", "-in", "good.key", "-aes128", "-passout", "pass:x", "-traditional");
const locked8 = openssl("pkcs8", "-topk8", "-in", "good.key", "-passout", "pass:x");
writeFileSync(join(folder, "ca.ext"), "basicConstraints=critical,CA:TRUE");
openssl("req", "-new", ...rsaKey("mid"), "-out", "mid.csr", "-subj", "/CN=mid");
openssl(
  "x509",
  "-req",
  "-in",
  "mid.csr",
  "-CA",
  "root.pem",
  "-CAkey",
  "root.key",
  "-CAcreateserial",
  "-out",
  "mid.pem",
  "-extfile",
  "ca.ext",
);
openssl("req", "-new", ...rsaKey("leaf"), "-out", "leaf.csr", "-subj", "/CN=leaf");
openssl(
  "x509",
  "-req",
  "-in",
  "leaf.csr",
  "-CA",
  "mid.pem",
  "-CAkey",
  "mid.key",
  "-CAcreateserial",
  "-out",
  "leaf.pem",
);
const [mid, leaf, leafKey] = [file("mid.pem"), file("leaf.pem"), file("leaf.key")];

const site = { siteUrl: "https://chat.example.com" };
/** A certificate whose base64 body is cut after the first lines. */
const truncated = `${other.cert.split("\n").slice(0, 5).join("\n")}\n-----END CERTIFICATE-----\n`;
const withoutEnd = other.cert.split("\n").slice(0, 6).join("\n");
const trusted = openssl(
  "x509",
  "-in",
  "good.pem",
  "-trustout",
  "-addtrust",
  "serverAuth",
  "-setalias",
  "Corp",
);
const subjects = (certificates: readonly string[]) =>
  certificates.map((pem) => new X509Certificate(pem).subject.split("\n")[0]);

describe("certificate authorities", () => {
  const read = (text: string) => {
    const config = buildConfig({ custom_ca_certificates: text }, site);
    return {
      subjects: subjects(config.caCertificates),
      says: config.problems
        .filter(({ setting }) => setting === "custom_ca_certificates")
        .map(({ says }) => says),
      config,
    };
  };

  const taken: [name: string, text: string, names: string[]][] = [
    ["one", good.cert, ["CN=good"]],
    ["two", good.cert + other.cert, ["CN=good", "CN=other"]],
    ["the same twice", good.cert + good.cert, ["CN=good"]],
    [
      "comments above the blocks, as in a ca-bundle",
      `# Good Root\n${good.cert}\n# Other\n=====\n${other.cert}`,
      ["CN=good", "CN=other"],
    ],
    ["subject and issuer lines", `subject=CN = good\nissuer=CN = good\n${good.cert}`, ["CN=good"]],
    ["openssl x509 -text", openssl("x509", "-in", "good.pem", "-text"), ["CN=good"]],
    [
      "bag attributes",
      `Bag Attributes\n    localKeyID: 01 02\n    friendlyName: x\n${good.cert}`,
      ["CN=good"],
    ],
    ["a TRUSTED CERTIFICATE", trusted, ["CN=good"]],
    ["an X509 CERTIFICATE", good.cert.replaceAll(" CERTIFICATE", " X509 CERTIFICATE"), ["CN=good"]],
    ["indented", good.cert.replace(/^/gm, "    "), ["CN=good"]],
    ["on one line, blanks for line ends", good.cert.replaceAll("\n", " "), ["CN=good"]],
    ["on one line, \\n for line ends", good.cert.replaceAll("\n", "\\n"), ["CN=good"]],
    ["Windows line ends", good.cert.replaceAll("\n", "\r\n"), ["CN=good"]],
    ["two blanks at each line's end", good.cert.replaceAll("\n", "  \n"), ["CN=good"]],
    ["blanks that do not break", good.cert.replaceAll("\n", "\u00a0\n"), ["CN=good"]],
    [
      "a byte order mark and zero-width blanks",
      `\ufeff${good.cert.replaceAll("\n", "\u200b\n")}`,
      ["CN=good"],
    ],
    ["dashes of a word processor", good.cert.replaceAll("-----", "—–-"), ["CN=good"]],
    ["joiners and marks of direction", good.cert.replaceAll("\n", "\u200c\u200d\u200e\n"), ["CN=good"]],
    ["control characters for line ends", good.cert.replaceAll("\n", "\u0085\0"), ["CN=good"]],
    ["an elliptic-curve authority", ec.cert, ["CN=ec"]],
  ];
  for (const [name, text, names] of taken) {
    test(`accepts ${name}`, () => {
      const seen = read(text);
      expect([seen.subjects, seen.says]).toEqual([names, []]);
    });
  }

  const refused: [name: string, text: string, names: string[], says: string][] = [
    [
      "truncated base64 beside a good one",
      good.cert + truncated,
      ["CN=good"],
      "2 of 2, that is cut off or damaged",
    ],
    [
      "truncated base64 before a good one",
      truncated + good.cert,
      ["CN=good"],
      "1 of 2, that is cut off or damaged",
    ],
    [
      "no end line, a good one after it",
      `${withoutEnd}\n${good.cert}`,
      ["CN=good"],
      "1 of 2, that is cut off",
    ],
    ["no end line at all", withoutEnd, [], "1 of 1, that is cut off"],
    ["letters that are not base64", good.cert.replace(/\nMII/, "\nM!I"), [], "cut off or damaged"],
    [
      "base64 of something else",
      "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----",
      [],
      "damaged",
    ],
    ["a private key beside it", good.cert + good.key, ["CN=good"], "has a private key"],
    ["a request", file("leaf.csr"), [], "no certificate but CERTIFICATE REQUEST"],
    ["no block", "MIIB", [], "must be one or more certificates in PEM form"],
  ];
  for (const [name, text, names, says] of refused) {
    test(`reports at the field and keeps the good certificates: ${name}`, () => {
      const seen = read(text);
      expect(seen.subjects).toEqual(names);
      expect(seen.says.join()).toContain(says);
    });
  }

  test("are listed with subject and expiry, and an expired one is a warning", () => {
    const { config } = read(good.cert);
    expect(config.caFacts).toEqual([
      { subject: "CN=good, O=Example", expiresAt: Date.parse(new X509Certificate(good.cert).validTo) },
    ]);
    const later = buildConfig({ custom_ca_certificates: good.cert }, site, new Date("2040-01-01"));
    expect(later.caCertificates).toHaveLength(1);
    expect(later.warnings.map(({ says }) => says)).toEqual([
      expect.stringMatching(/^has a certificate that expired on \d{4}-\d\d-\d\d: CN=good, O=Example$/),
    ]);
    expect(config.warnings).toEqual([]);
  });
});

describe("the certificate for signing in at Entra", () => {
  const read = (text: string) => {
    const config = buildConfig({ m365_client_certificate: text, m365_client_secret: "good" }, site);
    const [first] = config.credentials;
    return {
      chain:
        first?.kind === "certificate"
          ? first.chain
              .split(/(?<=-----END CERTIFICATE-----\n)/)
              .map((pem) => new X509Certificate(pem).subject.split("\n")[0])
          : [],
      kinds: config.credentials.map(({ kind }) => kind),
      says: config.problems
        .filter(({ setting }) => setting === "m365_client_certificate")
        .map(({ says }) => says),
    };
  };

  const taken: [name: string, text: string, chain: string[]][] = [
    ["certificate and key", good.cert + good.key, ["CN=good"]],
    ["key and certificate", good.key + good.cert, ["CN=good"]],
    ["a key in the older form", good.cert + traditional, ["CN=good"]],
    ["two blanks at each line's end", (good.cert + good.key).replaceAll("\n", "  \n"), ["CN=good"]],
    ["on one line", (good.cert + good.key).replaceAll("\n", " "), ["CN=good"]],
    ["two keys, the second fits", good.cert + other.key + good.key, ["CN=good"]],
    [
      "a pair of another kind before the one that will do",
      ec.cert + ec.key + good.cert + good.key,
      ["CN=good"],
    ],
    ["a pair that is too small before it", small.cert + good.cert + small.key + good.key, ["CN=good"]],
    ["a chain in order", leaf + mid + root.cert + leafKey, ["CN=leaf", "CN=mid", "CN=root"]],
    ["the chain before the leaf", root.cert + mid + leaf + leafKey, ["CN=leaf", "CN=mid", "CN=root"]],
    ["a certificate that belongs to nobody is left out", other.cert + leaf + leafKey, ["CN=leaf"]],
    [
      "bag attributes, as pkcs12 -nodes prints them",
      `Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n${good.key}Bag Attributes\n    localKeyID: 01\nsubject=CN = good\n${good.cert}`,
      ["CN=good"],
    ],
  ];
  for (const [name, text, chain] of taken) {
    test(`accepts ${name}`, () => {
      expect(read(text)).toEqual({ chain, kinds: ["certificate", "secret"], says: [] });
    });
  }

  const refused: [name: string, text: string, says: string][] = [
    ["elliptic curve, PKCS #8", ec.cert + ec.key, "needs a certificate with an RSA key"],
    ["elliptic curve, SEC 1", ec.cert + ecTraditional, "needs a certificate with an RSA key"],
    ["Ed25519", ed.cert + ed.key, "needs a certificate with an RSA key"],
    ["RSA of 1024 bits", small.cert + small.key, "has an RSA key of 1024 bits"],
    ["a key with a password, RFC 1421", good.cert + locked1, "has a private key with a password"],
    [
      "a key with a password, RFC 1421, on one line",
      good.cert + locked1.replaceAll("\n", " "),
      "with a password",
    ],
    ["a key with a password, PKCS #8", good.cert + locked8, "has a private key with a password"],
    ["no key", good.cert, "has no private key"],
    ["no certificate", good.key, "has no certificate"],
    ["words", "certificate.pem", "has no certificate"],
    ["a key of another certificate", good.cert + other.key, "belongs to another certificate"],
    ["a key that is cut off", good.cert + good.key.slice(0, 400), "has a private key that is cut off"],
    ["a certificate that is cut off", withoutEnd + good.key, "has a certificate that is cut off"],
  ];
  for (const [name, text, says] of refused) {
    test(`reports at the field and falls back to the secret: ${name}`, () => {
      const seen = read(text);
      expect(seen.kinds).toEqual(["secret"]);
      expect(seen.says).toEqual([expect.stringContaining(says)]);
    });
  }

  test("a damaged chain certificate is named, and the leaf is still used", () => {
    const seen = read(leaf + withoutEnd + leafKey);
    expect(seen.chain).toEqual(["CN=leaf"]);
    expect(seen.says).toEqual([expect.stringContaining("2 of 3, that is cut off")]);
  });

  test("no message contains the key", () => {
    const config = buildConfig({ m365_client_certificate: good.cert + other.key }, site);
    expect(JSON.stringify(config)).not.toContain(other.key.split("\n")[1] ?? "?");
  });
});
