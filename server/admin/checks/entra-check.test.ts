import { expect, test } from "bun:test";
import { buildConfig } from "../../microsoft/config/index.ts";
import { entraCheck, type KeysInUse, type Metadata } from "./microsoft-checks.ts";
import { createWording } from "./report.ts";

const config = buildConfig({}, { siteUrl: "https://chat.example.com" });
const issuer = "https://login.example/t/v2.0";
const metadata: Metadata = {
  read: true,
  document: { issuer, jwks_uri: "https://login.example/t/keys" },
  date: null,
};
const fetch = async () => Response.json({ keys: [{}, null] });
const check = (keys: () => Promise<KeysInUse | null>) => entraCheck(config, metadata, fetch, keys);

test("keys that sign-in can use pass", async () =>
  expect((await check(async () => ({ issuer, kids: ["a"], unusable: [] }))).state).toBe("ok"));

test("malformed keys beside good ones are counted", async () => {
  const finding = await check(async () => ({ issuer, kids: ["a"], unusable: [{ why: "has no kid" }] }));
  expect(finding).toMatchObject({ state: "warning" });
  expect(createWording([]).row({ id: "entra_reachable", ...finding }, "en").evidence).toContain(
    "1 of 2 published signing keys cannot be used (the first one: has no kid)",
  );
});

test("a document that sign-in refuses is a problem, even when it can be read", async () => {
  const finding = await check(() => Promise.reject(new Error("the issuer is of another authority")));
  expect(finding).toMatchObject({ state: "problem" });
  expect(createWording([]).row({ id: "entra_reachable", ...finding }, "en").evidence).toContain(
    "Nobody can sign in: the issuer is of another authority",
  );
});
