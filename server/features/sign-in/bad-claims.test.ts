/** Tests tokens that Entra signed, but for something else: times, issuer, audience, purpose, person. */

import {
  APPLICATION_ID_URI,
  CLIENT,
  type Claims,
  OTHER_TENANT,
  sign,
  TEAMS_WEB,
  TENANT,
  V1_ISSUER,
  V2_ISSUER,
  v2Claims,
} from "../../microsoft/entra/testing/authority.ts";
import { type BadInput, refusesAll } from "./testing/refusals.ts";
import type { SignInWorld } from "./testing/sign-in-world.ts";

const claims = (
  name: string,
  change: Claims | ((now: number) => Claims),
  reason: string,
  version: "v1" | "v2" = "v2",
): BadInput => ({
  name,
  send: (world) => world.post(world[version](typeof change === "function" ? change(world.seconds) : change)),
  code: "sign_in_refused",
  reason,
});

/** JSON allows numbers that JavaScript objects cannot represent. */
const spelled = (name: string, claim: string, text: string, reason: string): BadInput => ({
  name,
  send: (world: SignInWorld) =>
    world.post(sign(JSON.stringify({ ...v2Claims(world.seconds), [claim]: "@" }).replace('"@"', text))),
  code: "sign_in_refused",
  reason,
});

const v2 = (world: SignInWorld) => world.post(world.v2());
const v1 = (world: SignInWorld) => world.post(world.v1());
const hour = 3600;

refusesAll({
  group: "times",
  control: (world) =>
    world.post(world.v2({ exp: world.seconds - 299, iat: world.seconds - hour, nbf: world.seconds - hour })),
  cases: [
    claims("no exp", { exp: undefined }, "lifetime"),
    claims("exp null", { exp: null }, "lifetime"),
    claims("exp as text", (now) => ({ exp: String(now + hour) }), "lifetime"),
    claims("exp in a list", (now) => ({ exp: [now + hour] }), "lifetime"),
    claims("exp true", { exp: true }, "lifetime"),
    claims("exp 0", { exp: 0 }, "lifetime"),
    claims("exp below 0", { exp: -1 }, "lifetime"),
    spelled("exp without end", "exp", "1e999", "lifetime"),
    claims("exp in milliseconds", (now) => ({ exp: (now + hour) * 1000 }), "lifetime"),
    claims("exp in a hundred years", (now) => ({ exp: now + 100 * 365 * 24 * hour }), "lifetime"),
    claims("thirty hours long", (now) => ({ exp: now + 30 * hour }), "lifetime"),
    claims(
      "expired five minutes ago",
      (now) => ({ exp: now - 300, iat: now - hour, nbf: now - hour }),
      "expired",
    ),
    claims(
      "expired a day ago",
      (now) => ({ exp: now - 86_400, iat: now - 90_000, nbf: now - 90_000 }),
      "expired",
    ),
    claims("expired in 1970", { exp: 3, iat: 1, nbf: 1 }, "expired"),
    claims("no nbf", { nbf: undefined }, "lifetime"),
    claims("nbf as text", (now) => ({ nbf: String(now) }), "lifetime"),
    claims("nbf in six minutes", (now) => ({ nbf: now + 360 }), "not_yet_valid"),
    claims("nbf tomorrow", (now) => ({ nbf: now + 86_400, exp: now + 90_000 }), "not_yet_valid"),
    claims("no iat", { iat: undefined }, "lifetime"),
    claims("iat as text", (now) => ({ iat: String(now) }), "lifetime"),
    claims("iat in six minutes", (now) => ({ iat: now + 360 }), "not_yet_valid"),
    claims("ends before it begins", (now) => ({ exp: now - 100, nbf: now + 100 }), "lifetime"),
    claims("ends before it was issued", (now) => ({ exp: now - 100, iat: now + 100 }), "lifetime"),
    claims("ends when it begins", (now) => ({ exp: now, nbf: now }), "lifetime"),
    claims("valid since two days", (now) => ({ nbf: now - 48 * hour }), "lifetime"),
    claims("issued two days ago", (now) => ({ iat: now - 48 * hour }), "lifetime"),
  ],
});

refusesAll({
  group: "issuer, tenant and version",
  control: v1,
  cases: [
    claims("no ver", { ver: undefined }, "version"),
    claims("ver as number", { ver: 2 }, "version"),
    claims("ver 3.0", { ver: "3.0" }, "version"),
    claims("ver with a letter", { ver: "v2.0" }, "version"),
    claims("ver in a list", { ver: ["2.0"] }, "version"),
    claims("no iss", { iss: undefined }, "issuer"),
    claims("iss in a list", { iss: [V2_ISSUER] }, "issuer"),
    claims("iss of another tenant", { iss: `https://login.test/${OTHER_TENANT}/v2.0` }, "issuer"),
    claims("iss as template", { iss: "https://login.test/{tenantid}/v2.0" }, "issuer"),
    claims(
      "iss of Microsoft's own cloud",
      { iss: `https://login.microsoftonline.com/${TENANT}/v2.0` },
      "issuer",
    ),
    claims("v1 issuer in a v2 token", { iss: V1_ISSUER }, "issuer"),
    claims("v2 issuer in a v1 token", { iss: V2_ISSUER }, "issuer", "v1"),
    claims("v2 issuer without version", { iss: `https://login.test/${TENANT}` }, "issuer"),
    claims("a slash more", { iss: `${V2_ISSUER}/` }, "issuer"),
    claims("a slash less", { iss: V1_ISSUER.slice(0, -1) }, "issuer", "v1"),
    claims("only the beginning is right", { iss: `${V2_ISSUER}.evil.example` }, "issuer"),
    claims("http", { iss: V2_ISSUER.replace("https", "http") }, "issuer"),
    claims("other case", { iss: V2_ISSUER.toUpperCase() }, "issuer"),
    claims("a port", { iss: V2_ISSUER.replace("login.test", "login.test:443") }, "issuer"),
    claims("no tid", { tid: undefined }, "tenant"),
    claims("another tid", { tid: OTHER_TENANT }, "tenant"),
    claims("the tenant of personal accounts", { tid: "9188040d-6c67-4c5b-b112-36a304b66dad" }, "tenant"),
    claims("tid in a list", { tid: [TENANT] }, "tenant"),
    claims("tid and another", { tid: `${TENANT} ${OTHER_TENANT}` }, "tenant"),
    claims("tid with braces", { tid: `{${TENANT}}` }, "tenant"),
    claims("an empty tid", { tid: "" }, "tenant"),
  ],
});

refusesAll({
  group: "audience",
  control: (world) => world.post(world.v1({ aud: CLIENT })),
  cases: [
    claims("none", { aud: undefined }, "audience"),
    claims("empty", { aud: "" }, "audience"),
    claims("another client", { aud: TEAMS_WEB }, "audience"),
    claims("Graph", { aud: "00000003-0000-0000-c000-000000000000" }, "audience"),
    claims("Graph by address", { aud: "https://graph.microsoft.com" }, "audience", "v1"),
    claims("a list that has it", { aud: [CLIENT] }, "audience"),
    claims("a list of two", { aud: [CLIENT, "other"] }, "audience"),
    claims("the URI in a v2 token", { aud: APPLICATION_ID_URI }, "audience"),
    claims("the URI of another host", { aud: `api://evil.example/${CLIENT}` }, "audience", "v1"),
    claims("the URI with a port", { aud: `api://chat.example.com:443/${CLIENT}` }, "audience", "v1"),
    claims("the URI with a path", { aud: `api://chat.example.com/mattermost/${CLIENT}` }, "audience", "v1"),
    claims("the URI without client", { aud: "api://chat.example.com" }, "audience", "v1"),
    claims("the URI and more", { aud: `${APPLICATION_ID_URI}/more` }, "audience", "v1"),
    claims("the URI in other case", { aud: APPLICATION_ID_URI.toUpperCase() }, "audience", "v1"),
    claims("the client id with a blank", { aud: `${CLIENT} ` }, "audience"),
    claims("the short URI of the client", { aud: `api://${CLIENT}` }, "audience", "v1"),
  ],
});

refusesAll({
  group: "purpose: scope, client, application",
  control: (world) => world.post(world.v2({ scp: "profile access_as_user" })),
  cases: [
    claims("no scp", { scp: undefined }, "scope"),
    claims("empty scp", { scp: "" }, "scope"),
    claims("another scope", { scp: "User.Read" }, "scope"),
    claims("the scope as part of a word", { scp: "access_as_user_admin" }, "scope"),
    claims("the scope behind a prefix", { scp: "not_access_as_user" }, "scope"),
    claims("other case", { scp: "Access_As_User" }, "scope"),
    claims("commas between", { scp: "email,access_as_user" }, "scope"),
    claims("a list", { scp: ["access_as_user"] }, "scope"),
    claims("scope under another name", { scp: undefined, scope: "access_as_user" }, "scope"),
    claims("roles alone", { scp: undefined, roles: ["access_as_user"] }, "app_only"),
    claims("roles alone, v1", { scp: undefined, roles: ["access_as_user"] }, "app_only", "v1"),
    claims("idtyp app", { idtyp: "app" }, "app_only"),
    claims("idtyp app with scp", { idtyp: "app", scp: "access_as_user" }, "app_only", "v1"),
    claims("idtyp device", { idtyp: "device" }, "app_only"),
    claims("idtyp null", { idtyp: null }, "app_only"),
    claims("bound to a key", { cnf: { jwk: { kty: "RSA" } } }, "proof_of_possession"),
    claims("bound to a key, v1", { cnf: { kid: "key" } }, "proof_of_possession", "v1"),
    claims("bound to a certificate", { cnf: { "x5t#S256": "thumbprint" } }, "proof_of_possession"),
    claims("bound to something empty", { cnf: {} }, "proof_of_possession"),
    claims("bound to null", { cnf: null }, "proof_of_possession"),
    claims("an ID token", { scp: undefined, nonce: "n", azp: undefined, at_hash: "h" }, "scope"),
    claims("no azp", { azp: undefined }, "client"),
    claims("an unknown azp", { azp: "77777777-7777-4777-8777-777777777777" }, "client"),
    claims("our own client as caller", { azp: CLIENT }, "client"),
    claims("azp in other case", { azp: TEAMS_WEB.toUpperCase() }, "client"),
    claims("azp in a list", { azp: [TEAMS_WEB] }, "client"),
    claims("two in azp", { azp: `${TEAMS_WEB} ${CLIENT}` }, "client"),
    claims("the v1 claim in a v2 token", { azp: undefined, appid: TEAMS_WEB }, "client"),
    claims("the v2 claim in a v1 token", { appid: undefined, azp: TEAMS_WEB }, "client", "v1"),
    claims("an unknown appid", { appid: CLIENT }, "client", "v1"),
  ],
});

refusesAll({
  group: "who",
  control: v2,
  cases: [
    claims("no oid", { oid: undefined }, "subject"),
    claims("an empty oid", { oid: "" }, "subject"),
    claims("oid null", { oid: null }, "subject"),
    claims("the empty GUID", { oid: "00000000-0000-0000-0000-000000000000" }, "subject"),
    claims("an oid that is not a GUID", { oid: "ana" }, "subject"),
    claims("an oid in capitals", { oid: "ABCDEFAB-ABCD-4BCD-8BCD-ABCDEFABCDEF" }, "subject"),
    claims("an oid in braces", { oid: "{33333333-3333-4333-8333-333333333333}" }, "subject"),
    claims("an oid with more behind", { oid: "33333333-3333-4333-8333-333333333333.x" }, "subject"),
    claims("an oid with a line break", { oid: "33333333-3333-4333-8333-333333333333\n" }, "subject"),
    claims("oid in a list", { oid: ["33333333-3333-4333-8333-333333333333"] }, "subject"),
    claims("oid as number", { oid: 33333333 }, "subject"),
    claims(
      "sub in the place of oid",
      { oid: undefined, sub: "33333333-3333-4333-8333-333333333333" },
      "subject",
    ),
  ],
});
