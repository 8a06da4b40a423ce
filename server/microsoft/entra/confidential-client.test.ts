import { afterAll, describe, expect, test } from "bun:test";
import { createPublicKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import jwt from "jsonwebtoken";
import { rsaKeyPair } from "../../../e2e/sandbox/entra/key-pairs.ts";
import { buildConfig } from "../config/index.ts";
import { withCredential } from "./confidential-client.ts";

const TENANT = "11111111-2222-4333-8444-555555555555";
const LOGIN = "https://login.corp.example";
const folder = mkdtempSync(join(tmpdir(), "credentials-"));
afterAll(() => rmSync(folder, { recursive: true }));

function certificate(name: string, days = "30"): string {
  const files = { key: join(folder, `${name}.key`), pem: join(folder, `${name}.pem`) };
  const key = rsaKeyPair(`credential-${name}`).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  writeFileSync(files.key, key);
  const request = [
    "req",
    "-x509",
    "-key",
    files.key,
    "-out",
    files.pem,
    "-days",
    days,
    "-subj",
    `/CN=${name}`,
  ];
  const made = Bun.spawnSync(["openssl", ...request]);
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
  return key + readFileSync(files.pem, "utf8");
}

const configured = (settings: object) =>
  buildConfig(
    {
      m365_tenant_id: TENANT,
      m365_client_id: TENANT,
      app_id: TENANT,
      national_cloud: "custom",
      custom_login_url: LOGIN,
      custom_graph_url: "https://graph.corp.example",
      custom_teams_url: "https://teams.corp.example",
      ...settings,
    },
    { siteUrl: "https://chat.example.com" },
  );

/** A token endpoint that knows one credential and refuses every other, as Entra does. */
function entra(accepts: (form: URLSearchParams) => boolean) {
  const asked: URLSearchParams[] = [];
  const fetch = async (url: string | URL, init?: RequestInit) => {
    if (new URL(url).origin !== LOGIN) throw new Error(`asked ${url}`);
    if (String(url).endsWith("/openid-configuration")) {
      const at = (path: string) => `${LOGIN}/${TENANT}/${path}`;
      return Response.json({
        token_endpoint: at("oauth2/v2.0/token"),
        authorization_endpoint: at("oauth2/v2.0/authorize"),
        issuer: at("v2.0"),
        jwks_uri: at("discovery/v2.0/keys"),
      });
    }
    const form = new URLSearchParams(String(init?.body));
    asked.push(form);
    return accepts(form)
      ? Response.json({ token_type: "Bearer", expires_in: 3600, access_token: "granted" })
      : Response.json(
          { error: "invalid_client", error_description: "AADSTS7000215: refused" },
          { status: 401 },
        );
  };
  return { fetch, asked };
}

const take = (config: ReturnType<typeof configured>, fetch: ReturnType<typeof entra>["fetch"]) =>
  withCredential(config, fetch, async (client) => {
    const result = await client.acquireTokenByClientCredential({
      scopes: ["https://graph.corp.example/.default"],
      skipCache: true,
    });
    return result?.accessToken;
  });

const hasSecret = (secret: string) => (form: URLSearchParams) => form.get("client_secret") === secret;

describe("client secrets", () => {
  test("the right one gets a token", async () => {
    expect(await take(configured({ m365_client_secret: "right" }), entra(hasSecret("right")).fetch)).toBe(
      "granted",
    );
  });

  test("when the first is refused the second is used: rotation without interruption", async () => {
    const { fetch, asked } = entra(hasSecret("new"));
    const config = configured({ m365_client_secret: "old", m365_client_secret_2: "new" });
    expect(await take(config, fetch)).toBe("granted");
    expect(asked.map((form) => form.get("client_secret"))).toEqual(["old", "new"]);
  });

  test("when both are refused, the error has Entra's own code", async () => {
    const config = configured({ m365_client_secret: "old", m365_client_secret_2: "older" });
    await expect(take(config, entra(hasSecret("new")).fetch)).rejects.toThrow("AADSTS7000215");
  });

  test("an unreachable authority does not use up the other credentials", async () => {
    let tries = 0;
    const config = configured({ m365_client_secret: "one", m365_client_secret_2: "two" });
    const unreachable = async () => {
      tries += 1;
      throw new Error("connection refused");
    };
    await expect(take(config, unreachable)).rejects.toThrow();
    expect(tries).toBeLessThanOrEqual(2);
  });

  test("without a secret, nothing is sent", async () => {
    const { fetch, asked } = entra(() => true);
    expect(await take(configured({}), fetch)).toBeNull();
    expect(asked).toEqual([]);
  });
});

describe("certificates", () => {
  const pem = certificate("first");
  const leaf = new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE")));

  const proves = (form: URLSearchParams): boolean => {
    const decoded = jwt.verify(
      form.get("client_assertion") ?? "",
      createPublicKey(leaf.publicKey.export({ type: "spki", format: "pem" })),
      {
        algorithms: ["PS256", "RS256"],
        audience: `${LOGIN}/${TENANT}/oauth2/v2.0/token`,
        // msal rounds the current second up half of the time.
        clockTolerance: 2,
        complete: true,
      },
    );
    const header = decoded.header as { "x5t#S256"?: string; x5c?: string[] };
    const thumbprint = Buffer.from(leaf.fingerprint256.replaceAll(":", ""), "hex").toString("base64url");
    return header["x5t#S256"] === thumbprint && header.x5c?.length === 1;
  };

  test("signs the assertion with its key and sends the chain", async () => {
    expect(await take(configured({ m365_client_certificate: pem }), entra(proves).fetch)).toBe("granted");
  });

  test("is preferred to a secret", () => {
    const { credentials } = configured({ m365_client_certificate: pem, m365_client_secret: "s" });
    expect(credentials.map((one) => one.kind)).toEqual(["certificate", "secret"]);
  });

  test("reports its expiry", () => {
    const [credential] = configured({ m365_client_certificate: pem }).credentials;
    const days = credential?.kind === "certificate" ? (credential.expiresAt - Date.now()) / 86_400_000 : 0;
    expect(days).toBeGreaterThan(28);
    expect(days).toBeLessThan(31);
  });

  const bad: [string, () => string, RegExp][] = [
    ["without a key", () => pem.slice(pem.indexOf("-----BEGIN CERTIFICATE")), /no private key/],
    ["without a certificate", () => pem.slice(0, pem.indexOf("-----BEGIN CERTIFICATE")), /no certificate/],
    [
      "with the key of another",
      () =>
        certificate("other").split("-----BEGIN CERTIFICATE")[0] +
        pem.slice(pem.indexOf("-----BEGIN CERTIFICATE")),
      /belongs to another/,
    ],
    [
      "that is rubbish inside",
      () => pem.replace(/(BEGIN CERTIFICATE-----\n)[\s\S]{40}/, "$1AAAA"),
      /cut off or damaged/,
    ],
  ];
  for (const [name, make, says] of bad) {
    test(`one ${name} is a problem in the console, never a credential`, () => {
      const config = configured({ m365_client_certificate: make() });
      expect(config.credentials).toEqual([]);
      expect(config.problems.find((one) => one.setting === "m365_client_certificate")?.says).toMatch(says);
    });
  }

  test("neither key nor secrets appear in a printed configuration", () => {
    const config = configured({ m365_client_certificate: pem, m365_client_secret_2: "second-s3cret" });
    const printed = JSON.stringify(config) + Bun.inspect(config, { depth: 9 });
    expect(printed).not.toContain("PRIVATE KEY");
    expect(printed).not.toContain("second-s3cret");
  });
});

describe("federated credentials", () => {
  const tokenFile = join(folder, "token");
  const asserts = (token: string) => (form: URLSearchParams) => form.get("client_assertion") === token;

  test("the file is read each time, so that the platform can replace it", async () => {
    const config = configured({ m365_federated_token_file: tokenFile });
    writeFileSync(tokenFile, "first\n");
    expect(await take(config, entra(asserts("first")).fetch)).toBe("granted");
    writeFileSync(tokenFile, "second\n");
    expect(await take(config, entra(asserts("second")).fetch)).toBe("granted");
  });

  test("a missing file falls back to the secret", async () => {
    const config = configured({
      m365_federated_token_file: join(folder, "nowhere"),
      m365_client_secret: "right",
    });
    expect(await take(config, entra(hasSecret("right")).fetch)).toBe("granted");
  });

  test("a missing file alone is named, and is not a network fault", async () => {
    const config = configured({ m365_federated_token_file: join(folder, "nowhere") });
    const failed = take(config, entra(() => true).fetch);
    await expect(failed).rejects.toMatchObject({ code: "credential_unusable" });
  });

  test("a relative path is a problem: the working directory is the server's", () => {
    const { credentials, problems } = configured({ m365_federated_token_file: "token" });
    expect(credentials).toEqual([]);
    expect(problems.map((one) => one.setting)).toContain("m365_federated_token_file");
  });
});

describe("errors of Entra are reported with its code", () => {
  test("a tenant that does not exist is not a network fault", async () => {
    const fetch = async () =>
      Response.json(
        { error: "invalid_tenant", error_description: "AADSTS90002: Tenant 'x' not found." },
        { status: 400 },
      );
    const failed = take(configured({ m365_client_secret: "right" }), fetch);
    await expect(failed).rejects.toMatchObject({ code: "tenant_unknown", detail: "AADSTS90002" });
  });

  test("an unreachable host is reported with the cause", async () => {
    const fetch = async () => {
      throw Object.assign(new TypeError("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    };
    const failed = take(configured({ m365_client_secret: "right" }), fetch);
    await expect(failed).rejects.toMatchObject({
      code: "microsoft_unreachable",
      detail: "login.corp.example: the name does not resolve (DNS)",
    });
  });
});
