/** Tests requests that must be refused before their token is read, settings that allow nobody in, and rate limits. */

import type { ErrorCode } from "../../platform/errors.ts";
import type { BadInput } from "./testing/refusals.ts";
import { refusesAll } from "./testing/refusals.ts";
import type { PostOptions, SignInWorld } from "./testing/sign-in-world.ts";

/** A valid token, sent in a wrong way. */
const sent = (name: string, code: ErrorCode, reason: string, options: PostOptions): BadInput => ({
  name,
  send: (world) => world.post(world.v2(), options),
  code,
  reason,
  fetches: 0,
});

const origin = (value: string) =>
  sent(`Origin ${value}`, "request_forbidden", "foreign_origin", { headers: { Origin: value } });
const type = (value: string | null) =>
  sent(`Content-Type ${value}`, "request_invalid", "content_type", { headers: { "Content-Type": value } });
const method = (value: string) => sent(value, "method_not_allowed", "method", { method: value });
const body = (name: string, value: string | Uint8Array | null) =>
  sent(name, "request_invalid", "body", { body: value });

const big = (bytes: number) => JSON.stringify({ token: "x", pad: "p".repeat(bytes) });
const good = (world: SignInWorld) => world.post(world.v2());
/** A valid token anywhere but in the body. */
const misplaced = (name: string, options: (token: string) => PostOptions): BadInput => ({
  name,
  send: (world) => world.post(undefined, options(world.v2())),
  code: "sign_in_refused",
  reason: "missing",
  fetches: 0,
});

refusesAll({
  group: "requests",
  control: (world) =>
    world.post(world.v2(), {
      headers: { Origin: null, "Sec-Fetch-Site": null, "Content-Type": "application/json; charset=utf-8" },
    }),
  cases: [
    ...["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"].map(method),
    origin("https://evil.example"),
    origin("null"),
    origin("https://chat.example.com.evil.example"),
    origin("https://evil.chat.example.com"),
    origin("http://chat.example.com"),
    origin("https://chat.example.com:8443"),
    origin("https://chat.example.com/"),
    origin("HTTPS://CHAT.EXAMPLE.COM"),
    origin("https://teams.microsoft.com"),
    ...["cross-site", "same-site", "none", "", "same-origin "]
      .filter((value) => value.trim() === value)
      .map((value) =>
        sent(`Sec-Fetch-Site ${value || "empty"}`, "request_forbidden", "foreign_origin", {
          headers: { "Sec-Fetch-Site": value },
        }),
      ),
    sent("our header left out", "request_forbidden", "header", { headers: { "X-Requested-With": null } }),
    sent("our header with another value", "request_forbidden", "header", {
      headers: { "X-Requested-With": "fetch" },
    }),
    type(null),
    type("text/plain"),
    type("application/x-www-form-urlencoded"),
    type("multipart/form-data; boundary=x"),
    type("text/json"),
    type("application/jsonp"),
    type("application/json-patch+json"),
    type("text/plain; application/json"),
    body("no body", null),
    body("an empty body", ""),
    body("a token that is not in JSON", "token=x"),
    body("a list", "[]"),
    body("text", '"token"'),
    body("a number", "7"),
    body("null", "null"),
    body("half of an object", '{"token":"x"'),
    body("two objects", '{"token":"x"}{"token":"y"}'),
    body("a comment", '{"token":"x"} // hello'),
    body("bytes that are no UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])),
    body("UTF-16", new Uint8Array(Buffer.from('{"token":"x"}', "utf16le"))),
    body("a sub-page id that is a number", '{"token":"x","subPageId":7}'),
    body("a sub-page id that is an object", '{"token":"x","subPageId":{}}'),
    body("a sub-page id of 65 letters", JSON.stringify({ token: "x", subPageId: "p".repeat(65) })),
    sent("24 KB and more", "request_too_large", "body_size", { body: big(24 * 1024) }),
    sent("a megabyte", "request_too_large", "body_size", { body: big(1024 * 1024) }),
    sent("a length that promises too much", "request_too_large", "body_size", {
      headers: { "Content-Length": "25000" },
    }),
    misplaced("the token in Authorization", (token) => ({ headers: { Authorization: `Bearer ${token}` } })),
    misplaced("the token in the query", (token) => ({ path: `/api/v1/session?token=${token}` })),
    misplaced("the token in the query as access_token", (token) => ({
      path: `/api/v1/session?access_token=${token}`,
    })),
    misplaced("the token in a cookie", (token) => ({ headers: { Cookie: `token=${token}` } })),
    misplaced("the token in a header of its own", (token) => ({ headers: { "X-Token": token } })),
    misplaced("the token under another name", (token) => ({ body: JSON.stringify({ Token: token }) })),
    misplaced("the name of a user instead of a token", () => ({
      headers: { "Mattermost-User-Id": "a".repeat(26) },
    })),
    misplaced("the name of a plugin instead of a token", () => ({
      headers: { "Mattermost-Plugin-ID": "com.mattermost.server" },
    })),
    sent("another host's origin, with that host as forwarded", "request_forbidden", "foreign_origin", {
      headers: { Origin: "https://evil.example", "X-Forwarded-Host": "evil.example", Host: "evil.example" },
    }),
    {
      name: "a handover code that nobody issued",
      send: (world) =>
        world.post(undefined, {
          path: "/api/v1/session/redeem",
          body: JSON.stringify({ code: "c".repeat(43), verifier: "v".repeat(43) }),
        }),
      code: "sign_in_refused",
      reason: "handover_code",
      fetches: 0,
    },
    {
      name: "a handover code with another verifier",
      send: async (world) => {
        const code = await world.identity.handover.issue("a".repeat(26), "c".repeat(43));
        return world.post(undefined, {
          path: "/api/v1/session/redeem",
          body: JSON.stringify({ code, verifier: "v".repeat(43) }),
        });
      },
      code: "sign_in_refused",
      reason: "handover_code",
      fetches: 0,
    },
  ],
});

const configured = (
  name: string,
  saved: Record<string, unknown>,
  expected: Pick<BadInput, "code" | "reason">,
  siteUrl?: string,
): BadInput => ({
  name,
  given: (world) => {
    world.addAna();
    world.config.save(saved, siteUrl);
  },
  send: (world) => world.post(world.v2(), siteUrl ? { headers: { Origin: new URL(siteUrl).origin } } : {}),
  ...expected,
});
const closed = { code: "not_configured", reason: "not_configured" } as const;
const insecure = { code: "site_url_invalid", reason: "site_url" } as const;

refusesAll({
  group: "settings that are not complete, or not ours",
  control: good,
  cases: [
    configured("no tenant", { m365_tenant_id: "" }, closed),
    configured("the tenant of everybody", { m365_tenant_id: "common" }, closed),
    configured("any tenant", { m365_tenant_id: "*" }, closed),
    configured("a tenant by domain", { m365_tenant_id: "example.onmicrosoft.com" }, closed),
    configured("no client", { m365_client_id: "" }, closed),
    configured("a client that is not a GUID", { m365_client_id: "teams" }, closed),
    {
      ...configured("an unreadable request while nothing is set up", { m365_client_id: "" }, closed),
      send: (world) => world.post(undefined, { body: "nonsense" }),
    },
    configured("an unknown cloud", { national_cloud: "moon" }, closed),
    configured("a custom cloud without address", { custom_login_url: "" }, closed),
    configured("a custom cloud over http", { custom_login_url: "http://login.test" }, closed),
    configured("a site over http", {}, insecure, "http://chat.example.com"),
    configured("no site", {}, insecure, "about:blank"),
    configured(
      "another tenant than the token's",
      { m365_tenant_id: "99999999-9999-4999-8999-999999999999" },
      {
        code: "sign_in_unavailable",
        reason: "keys_unavailable",
      },
    ),
    configured(
      "another client than the token's",
      { m365_client_id: "88888888-8888-4888-8888-888888888888" },
      {
        code: "sign_in_refused",
        reason: "audience",
      },
    ),
  ],
});

refusesAll({
  group: "too fast",
  control: good,
  cases: [
    {
      name: "one person, thirteen times at once",
      given: async (world) => {
        world.addAna();
        for (let attempt = 0; attempt < 12; attempt++) await world.post(world.v2());
      },
      send: good,
      code: "rate_limited",
      reason: "rate_person",
    },
    {
      name: "one address, after thirty bad tokens",
      given: async (world) => {
        world.addAna();
        for (let attempt = 0; attempt < 31; attempt++) await world.post("bad");
      },
      send: good,
      code: "rate_limited",
      reason: "rate_address",
      fetches: 0,
    },
    {
      name: "one person, each time from another address",
      given: async (world) => {
        world.addAna();
        for (let attempt = 0; attempt < 12; attempt++)
          await world.post(world.v2(), { env: { IPAddress: `198.51.100.${attempt}` } });
      },
      send: (world) => world.post(world.v2(), { env: { IPAddress: "203.0.113.1" } }),
      code: "rate_limited",
      reason: "rate_person",
    },
    {
      name: "bad tokens, each from another address",
      given: async (world) => {
        world.addAna();
        for (let attempt = 0; attempt < 300; attempt++)
          await world.post("bad", { env: { IPAddress: `10.1.${attempt >> 8}.${attempt & 255}` } });
      },
      send: (world) => world.post(world.v2(), { env: { IPAddress: "203.0.113.1" } }),
      code: "rate_limited",
      reason: "rate_route",
      fetches: 0,
    },
    {
      name: "one network of IPv6, whatever the rest of the address",
      given: async (world) => {
        world.addAna();
        for (let attempt = 0; attempt < 31; attempt++)
          await world.post("bad", { env: { IPAddress: `2001:db8:1:2::${attempt}` } });
      },
      send: (world) => world.post(world.v2(), { env: { IPAddress: "2001:0db8:0001:0002:ffff::1" } }),
      code: "rate_limited",
      reason: "rate_address",
      fetches: 0,
    },
  ],
});
