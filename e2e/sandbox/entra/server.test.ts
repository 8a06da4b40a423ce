/** Checks that the fake Entra issues the tokens that Entra issues, and refuses what Entra refuses. */

import { describe, expect, test } from "bun:test";
import { GRAPH_CLI_APP_ID } from "../tenant.ts";
import { testCloud } from "../test-cloud.ts";
import { badTokens } from "./tab-tokens.ts";

const { tenant, entra, tls, ana, boss, app, secret, token, ownToken, ask } = testCloud();

describe("Entra", () => {
  for (const version of [1, 2] as const) {
    test(`issues a v${version} token that verifies with its published keys and metadata`, async () => {
      const path = version === 2 ? "v2.0/.well-known" : ".well-known";
      const response = await fetch(`${entra.url}/${tenant.id}/${path}/openid-configuration`, { tls });
      const metadata = (await response.json()) as { issuer: string; jwks_uri: string };
      const keys = (await (await fetch(metadata.jwks_uri, { tls })).json()) as { keys: { kid: string }[] };
      const issued = entra.tabToken(app, ana, { version });
      const header = JSON.parse(Buffer.from(issued.split(".")[0] ?? "", "base64url").toString());
      const claims = JSON.parse(Buffer.from(issued.split(".")[1] ?? "", "base64url").toString());
      expect(keys.keys.map((key) => key.kid)).toContain(header.kid);
      expect(claims.iss).toBe(metadata.issuer);
      expect(claims.aud).toBe(version === 2 ? app.appId : `api://localhost/${app.appId}`);
    });
  }

  test("issues a token of every bad kind, and none equals a good one", () => {
    const good = entra.tabToken(app, ana);
    for (const kind of badTokens) {
      const bad = entra.tabToken(app, ana, { kind });
      expect(bad.split(".").slice(0, 2).join(".")).not.toBe(good.split(".").slice(0, 2).join("."));
    }
    expect(badTokens.length).toBeGreaterThan(25);
  });

  test("issues roles to an app for the right secret only", async () => {
    const good = await ownToken();
    expect(good.status).toBe(200);
    expect(entra.readGraphToken(good.access_token ?? "")?.roles).toEqual([
      "TeamsActivity.Send",
      "AppCatalog.Read.All",
    ]);
    expect(await ownToken({ client_secret: "wrong" })).toMatchObject({
      status: 401,
      error: "invalid_client",
    });
    expect(await ownToken({ client_id: crypto.randomUUID() })).toMatchObject({
      error: "unauthorized_client",
    });
    expect(await ownToken({ scope: "https://graph.microsoft.com/.default" })).toMatchObject({
      error: "invalid_scope",
    });
  });

  const onBehalfOf = (assertion: string) =>
    token({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      requested_token_use: "on_behalf_of",
      client_id: app.appId,
      client_secret: secret,
      scope: "User.Read",
      assertion,
    });
  test("acts on behalf of a person with their token, and reads their directory entry", async () => {
    const granted = await onBehalfOf(entra.tabToken(app, ana));
    expect((await ask("GET", "/me", granted.access_token ?? "")).body).toMatchObject({
      mail: "ana@sandbox.example",
    });
    expect(await onBehalfOf(entra.tabToken(app, ana, { kind: "unknown key" }))).toMatchObject({
      error: "invalid_grant",
    });
  });
  test("asks for consent or for another factor if a test sets that", async () => {
    entra.setFaults({ consent: "missing" });
    expect(await onBehalfOf(entra.tabToken(app, ana))).toMatchObject({ suberror: "consent_required" });
    entra.setFaults({ consent: "interaction needed" });
    expect(await onBehalfOf(entra.tabToken(app, ana))).toMatchObject({
      error: "interaction_required",
      claims: expect.any(String),
    });
  });

  test("signs a device in once its code was confirmed", async () => {
    const start = await fetch(`${entra.url}/${tenant.id}/oauth2/v2.0/devicecode`, {
      method: "POST",
      body: new URLSearchParams({ client_id: GRAPH_CLI_APP_ID, scope: "Application.ReadWrite.All" }),
      tls,
    });
    const { device_code, user_code } = (await start.json()) as { device_code: string; user_code: string };
    const redeem = () =>
      token({
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        client_id: GRAPH_CLI_APP_ID,
        device_code,
      });
    expect(await redeem()).toMatchObject({ status: 400, error: "authorization_pending" });
    expect(entra.deviceCodes.answer(user_code, boss.objectId)).toBe(true);
    const granted = await redeem();
    expect(entra.readGraphToken(granted.access_token ?? "")?.scp).toEqual(["Application.ReadWrite.All"]);
    expect(await redeem()).toMatchObject({ error: "bad_verification_code" });
  });

  test("keeps old tokens valid over a rotation, unless the old key is withdrawn", async () => {
    const before = (await ownToken()).access_token ?? "";
    entra.rotateKeys();
    expect(entra.readGraphToken(before)).not.toBeNull();
    entra.rotateKeys({ keepOld: false });
    expect(entra.readGraphToken(before)).toBeNull();
  });

  test("can be stopped, and starts again at the same address", async () => {
    const url = `${entra.url}/${tenant.id}/discovery/keys`;
    entra.setFaults({ unreachable: true });
    await expect(fetch(url, { tls })).rejects.toThrow();
    entra.healthy();
    expect((await fetch(url, { tls })).status).toBe(200);
  });
});
