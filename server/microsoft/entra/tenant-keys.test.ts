import { describe, expect, test } from "bun:test";
import { TenantKeys } from "./tenant-keys.ts";
import { firstKey, secondKey, TENANT, V1_ISSUER, V2_ISSUER } from "./testing/authority.ts";
import { authority, find, keys, now, openKeys, pass } from "./testing/kept-keys.ts";

openKeys();

const hour = 3_600_000;
describe("keys are requested", () => {
  test("once for each token version, for a hundred callers at the same time", async () => {
    const answers = await Promise.all([
      ...Array.from({ length: 100 }, () => keys.find("2.0", firstKey.kid)),
      ...Array.from({ length: 100 }, () => keys.find("1.0", firstKey.kid)),
    ]);
    expect(answers.every(({ found }) => found)).toBe(true);
    expect(answers[0]).toMatchObject({ issuer: V2_ISSUER });
    expect(answers.at(-1)).toMatchObject({ issuer: V1_ISSUER });
    expect(authority.requests).toHaveLength(4);
  });

  test("at once for an unknown key, and then not again for half a minute", async () => {
    await find(firstKey.kid);
    pass(31_000);
    authority.keys = [firstKey.jwk, secondKey.jwk];
    expect(await find(secondKey.kid)).toMatchObject({ found: true });
    expect(authority.keyFetches).toBe(2);
    for (let attempt = 0; attempt < 50; attempt++) {
      expect(await find(`unknown-${attempt}`)).toMatchObject({ found: false, reason: "key_unknown" });
    }
    expect(authority.keyFetches).toBe(2);
    pass(31_000);
    await Promise.all(Array.from({ length: 50 }, (_, index) => find(`unknown-${index}`)));
    expect(authority.keyFetches).toBe(3);
  });

  test("in the background when they are six hours old", async () => {
    await find(firstKey.kid);
    pass(6 * hour);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    authority.respond = (path) =>
      path.endsWith("/keys") ? held.then(() => Response.json({ keys: [secondKey.jwk] })) : undefined;
    expect(await find(firstKey.kid)).toMatchObject({ found: true });
    release();
    for (let wait = 0; wait < 10 && (await find(firstKey.kid)).found; wait++) await Bun.sleep(5 * 2 ** wait);
    pass(60_000);
    expect(await find(secondKey.kid)).toMatchObject({ found: true });
    expect(await find(firstKey.kid)).toMatchObject({ found: false, reason: "key_unknown" });
  });
});

describe("an outage", () => {
  test("known keys stay valid for two days of an outage", async () => {
    await find(firstKey.kid);
    authority.respond = () => new Response("", { status: 503 });
    for (const hours of [1, 7, 24, 47]) {
      pass(1_800_000_000_000 + hours * hour - now);
      expect(await find(firstKey.kid)).toMatchObject({ found: true });
    }
    pass(2 * hour);
    expect(await find(firstKey.kid)).toMatchObject({ found: false, reason: "keys_unavailable" });
  });

  test("keys are loaded again when the outage ends", async () => {
    authority.respond = () => new Response("", { status: 503 });
    expect(await find(firstKey.kid)).toMatchObject({ found: false, reason: "keys_unavailable" });
    authority.respond = () => undefined;
    expect(await find(firstKey.kid)).toMatchObject({ found: false });
    pass(5_000);
    expect(await find(firstKey.kid)).toMatchObject({ found: true });
  });

  test("an unknown kid during an outage is refused, with one request in five seconds", async () => {
    await find(firstKey.kid);
    pass(31_000);
    authority.respond = () => new Response("", { status: 503 });
    const before = authority.requests.length;
    for (let attempt = 0; attempt < 20; attempt++) {
      expect(await find("unheard-of")).toMatchObject({ found: false, reason: "key_unknown" });
    }
    expect(authority.requests.length - before).toBe(1);
  });

  test("a clock that was set back does not keep old keys for ever", async () => {
    await find(firstKey.kid);
    pass(-100 * hour);
    authority.keys = [secondKey.jwk];
    expect(await find(secondKey.kid)).toMatchObject({ found: true });
  });
});

describe("China's documents use their alias host for the keys", () => {
  test("no other cloud may use that alias", async () => {
    const asked: string[] = [];
    const china = new TenantKeys({
      loginUrl: "https://login.partner.microsoftonline.cn",
      tenantId: TENANT,
      clock: () => now,
      fetch: async (url) => {
        asked.push(new URL(url).host);
        return Response.json({
          issuer: `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`,
          jwks_uri: `https://login.chinacloudapi.cn/${TENANT}/discovery/v2.0/keys`,
          keys: [firstKey.jwk],
        });
      },
    });
    expect(await china.find("2.0", firstKey.kid)).toMatchObject({ found: true });
    expect(asked).toEqual(["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"]);
  });
});

describe("the issuer belongs to the address of the document", () => {
  const commercial = "https://login.microsoftonline.com";
  const government = "https://login.microsoftonline.us";
  const china = "https://login.partner.microsoftonline.cn";
  const cases: [loginUrl: string, version: "1.0" | "2.0", issuer: string, accepted: boolean][] = [
    [commercial, "2.0", `${commercial}/${TENANT}/v2.0`, true],
    [commercial, "2.0", `${government}/${TENANT}/v2.0`, false],
    [commercial, "2.0", `${commercial}/${TENANT}/v2.0/`, false],
    [commercial, "2.0", `${commercial}/${TENANT}`, false],
    [commercial, "2.0", `${commercial}/${TENANT}/v2.0?x`, false],
    [commercial, "1.0", `https://sts.windows.net/${TENANT}/`, true],
    [commercial, "1.0", `https://sts.windows.net/${TENANT}`, false],
    [commercial, "1.0", `http://sts.windows.net/${TENANT}/`, false],
    [commercial, "1.0", `https://sts.windows.net:8443/${TENANT}/`, false],
    [commercial, "1.0", `https://sts.windows.net.evil.example/${TENANT}/`, false],
    [commercial, "1.0", `https://evilsts.windows.net/${TENANT}/`, false],
    [commercial, "1.0", `https://sts.chinacloudapi.cn/${TENANT}/`, false],
    [commercial, "1.0", `https://sts.evil.example/${TENANT}/`, false],
    [government, "1.0", `https://sts.windows.net/${TENANT}/`, true],
    [government, "2.0", `${government}/${TENANT}/v2.0`, true],
    [china, "1.0", `https://sts.chinacloudapi.cn/${TENANT}/`, true],
    [china, "1.0", `https://sts.windows.net/${TENANT}/`, false],
    ["https://login.corp.example", "2.0", `https://login.corp.example/${TENANT}/v2.0`, true],
    ["https://login.corp.example", "2.0", `https://other.corp.example/${TENANT}/v2.0`, false],
    ["https://login.corp.example", "1.0", `https://sts.corp.example/${TENANT}/`, true],
    ["https://login.corp.example", "1.0", `https://login.corp.example/${TENANT}/`, true],
    ["https://login.corp.example", "1.0", `https://evil.example/${TENANT}/`, false],
    ["https://login.corp.example", "1.0", `https://u:p@sts.corp.example/${TENANT}/`, false],
    ["https://login.corp.example", "1.0", `https://sts.corp.example/x/${TENANT}/`, false],
  ];
  for (const [loginUrl, version, issuer, accepted] of cases) {
    test(`${loginUrl} ${version}: ${issuer.replace(TENANT, "{tenant}")} is ${accepted ? "accepted" : "refused"}`, async () => {
      const some = new TenantKeys({
        loginUrl,
        tenantId: TENANT,
        clock: () => now,
        fetch: async () =>
          Response.json({ issuer, jwks_uri: `${loginUrl}/${TENANT}/keys`, keys: [firstKey.jwk] }),
      });
      expect((await some.find(version, firstKey.kid)).found).toBe(accepted);
    });
  }
});

const METADATA = `/${TENANT}/v2.0/.well-known/openid-configuration`;
const KEYS = `/${TENANT}/discovery/v2.0/keys`;
const unavailable = { found: false, reason: "keys_unavailable" };

test("an HTTP error with keys in its body yields no keys", async () => {
  authority.respond = (path) =>
    path === KEYS ? Response.json({ keys: [firstKey.jwk] }, { status: 503 }) : undefined;
  expect(await find(firstKey.kid)).toMatchObject(unavailable);
});

test("a tenant that Microsoft does not know is not an outage, and is asked for again after the admin's mistake", async () => {
  const refusal = { error: "invalid_tenant", error_description: "AADSTS90002: Tenant 'x' not found." };
  authority.respond = (path) => (path === METADATA ? Response.json(refusal, { status: 400 }) : undefined);
  expect(await find(firstKey.kid)).toMatchObject({
    found: false,
    reason: "tenant_unknown",
    detail: expect.stringMatching(/ AADSTS90002$/),
  });
  authority.respond = (path) =>
    path === METADATA ? new Response("<h1>Bad request</h1>", { status: 400 }) : undefined;
  pass(5_000);
  expect(await find(firstKey.kid)).toMatchObject(unavailable);
  authority.respond = () => undefined;
  pass(5_000);
  expect(await find(firstKey.kid)).toMatchObject({ found: true });
});

test("documents are read up to their limit and no further", async () => {
  authority.respond = (path) =>
    path === KEYS ? Response.json({ keys: [firstKey.jwk], pad: "x".repeat(300_000) }) : undefined;
  expect(await find(firstKey.kid)).toMatchObject(unavailable);
});

test("metadata of another tenant is refused", async () => {
  const issuer = "https://login.test/99999999-9999-4999-8999-999999999999/v2.0";
  authority.respond = (path) =>
    path === METADATA ? Response.json({ issuer, jwks_uri: `https://login.test${KEYS}` }) : undefined;
  expect(await find(firstKey.kid)).toMatchObject(unavailable);
});

test("keys on a host that ends like ours are not requested", async () => {
  authority.respond = (path) =>
    path === METADATA
      ? Response.json({ issuer: V2_ISSUER, jwks_uri: `https://evillogin.test${KEYS}` })
      : undefined;
  expect(await find(firstKey.kid)).toMatchObject(unavailable);
  expect(authority.requests.filter((one) => one.startsWith("foreign host"))).toEqual([]);
});

test("keys over http are not requested", async () => {
  authority.respond = (path) =>
    path === METADATA
      ? Response.json({ issuer: V2_ISSUER, jwks_uri: `http://login.test${KEYS}` })
      : undefined;
  expect(await find(firstKey.kid)).toMatchObject(unavailable);
  expect(authority.keyFetches).toBe(0);
});
