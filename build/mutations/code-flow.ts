/** Checks of the redirect to Microsoft and back: state, query, ID token. */

import { mutationsOf } from "./mutation.ts";

const people = "server/people/connections/";
const states = `${people}flow/flow-states.ts`;
const flow = `${people}flow/code-flow.ts`;
const making = `${people}flow/establish.ts`;
const rules = `${people}seats/who-may-connect.ts`;
const seats = `${people}seats/seats.ts`;
const page = `${people}flow/outcome-page.ts`;
const idToken = "server/microsoft/entra/verify-id-token.ts";
const attacks = ["attacks", "attacks-tokens", "attacks-accounts", "connecting"]
  .map((name) => `${people}${name}.test.ts`)
  .join(" ");
const signedIn = "server/microsoft/entra/verify-id-token.test.ts";
const seating = `${people}seats/seats.test.ts`;

export const codeFlowMutations = mutationsOf([
  // The state.
  [
    states,
    "if (!/^[\\w-]{43}$/.test(state)) return null;",
    "",
    attacks,
    "a malformed state is not looked up in the store",
  ],
  [
    states,
    "plain.userId !== by.userId || ",
    "",
    attacks,
    "states a state of another user under the same session id: 400 state",
  ],
  [
    states,
    " || plain.sessionId !== by.sessionId",
    "",
    attacks,
    "states a state of another session of the same user: 400 state",
  ],
  [
    states,
    "if (!(await kv.compareAndSet(keyOf(state), bytes, null))) return null;",
    "await kv.compareAndSet(keyOf(state), bytes, null);",
    attacks,
    "legitimate flows during attacks a state works once: of twenty simultaneous requests one connects, and the code is redeemed once",
  ],
  [
    states,
    "clock() >= expiresAt || ",
    "",
    attacks,
    "states a state that is ten minutes old, and still in the store: 400 state",
  ],
  [
    states,
    'createHash("sha256").update(state).digest("base64url")}',
    "state}",
    attacks,
    "states the hash of a state, as the store has it: 400 state",
  ],
  // The query.
  [
    flow,
    'return second === undefined ? (value ?? "") : "";',
    'return value ?? "";',
    attacks,
    "states two states, the right one first: 400 state",
  ],
  [
    flow,
    'if (query.has("error")) return refusedByEntra(query);',
    "",
    attacks,
    "errors an error beside a good code: 403 cancelled",
  ],
  [
    flow,
    'if (code === "" || code.length > MAX_CODE)',
    "if (false)",
    attacks,
    "codes a code of 10 KB: 400 state",
  ],
  [
    flow,
    "registration?.tenantId !== flow.tenantId ||",
    "",
    attacks,
    "states a state after the tenant was changed: 400 state",
  ],
  [
    flow,
    "registration.clientId !== flow.clientId ||",
    "",
    attacks,
    "states a state after the client was changed: 400 state",
  ],
  [
    flow,
    "redirectUriOf(config, ports.pluginId) !== flow.redirectUri;",
    "false;",
    attacks,
    "states a state after the site moved: 400 state",
  ],
  [
    flow,
    'if (number === "AADSTS65004") return ending("cancelled", detail);',
    "",
    attacks,
    "errors cancelled: 403 cancelled",
  ],
  [
    flow,
    "if (foreignAccount.has(number)) return",
    "if (false) return",
    attacks,
    "errors an account of another tenant: 403 other_tenant",
  ],
  [
    flow,
    'return ending("unreachable", detail);',
    "return outage(detail);",
    `${people}invitations/enforcement.test.ts`,
    "an outage of Microsoft locks nobody out server_error in the query that a browser brings is an answer to that person only",
  ],
  // The ID token.
  [
    idToken,
    'if (version !== "2.0")',
    "if (false)",
    attacks,
    "tokens a version 1 ID token: 502 token_invalid",
  ],
  [
    idToken,
    "claims.scp !== undefined || ",
    "",
    attacks,
    "tokens an access token as ID token: 502 token_invalid",
  ],
  [
    idToken,
    'if (typeof claims.nonce !== "string" || !isSame(claims.nonce, expect.nonce))',
    "if (false)",
    signedIn,
    "an ID token is refused without a nonce: nonce",
  ],
  [
    idToken,
    " || !isSame(claims.nonce, expect.nonce)",
    "",
    signedIn,
    "an ID token is refused with the nonce of another flow: nonce",
  ],
  [
    idToken,
    "!GUID.test(oid) || ",
    "",
    signedIn,
    "an ID token is refused with an oid that is not a GUID: subject",
  ],
  [
    making,
    "if (person.guest && !section(signInSettings).allow_guests)",
    "if (false)",
    attacks,
    "tokens an ID token of a guest: 403 microsoft_guest",
  ],
  [
    making,
    "if (tokens.refreshToken === null)",
    "if (false)",
    attacks,
    "codes a flow without offline_access: 403 no_offline",
  ],
  [
    making,
    "if (!holder && !fits && !section(accountsSettings).connect_different_email)",
    "if (false)",
    attacks,
    "accounts the account of somebody else, by address: 403 other_address",
  ],
  [
    making,
    "address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());",
    "address.normalize('NFKC').toUpperCase();",
    attacks,
    "legitimate flows during attacks a dotless i is no i: another address",
  ],
  [
    making,
    "if (answer.objectId !== person.objectId)",
    "if (false)",
    attacks,
    "tokens an ID token of one person with an access token of another: 502 token_invalid",
  ],
  [
    making,
    'if (answer === "unreachable") return',
    "if (false) return",
    attacks,
    "Microsoft is unreachable Graph answers 503: 503, nothing is stored, and the next attempt works",
  ],
  [
    making,
    "if (seat.refusal) return no(seat.refusal);",
    "",
    attacks,
    "accounts after the last seat was taken meanwhile: 403 no_seat",
  ],
  [
    making,
    "if (userId !== user.Id) return giveUp",
    "if (false) return giveUp",
    attacks,
    "legitimate flows during attacks of two people who connect one Microsoft account at the same moment, one gets it",
  ],
  [
    rules,
    'if (applicant.isBot || applicant.isRemote) return "bot";',
    "",
    attacks,
    "accounts by a bot: 403 bot",
  ],
  [rules, " || applicant.isRemote", "", attacks, "accounts by a person of another server: 403 bot"],
  [
    rules,
    'if (!applicant.isActive) return "inactive";',
    "",
    attacks,
    "accounts by somebody who was deactivated meanwhile: 403 inactive",
  ],
  [
    rules,
    'if (applicant.isGuest) return "guest";',
    "",
    attacks,
    "accounts by a guest of Mattermost: 403 guest",
  ],
  [
    rules,
    'if (seats.restricted && !applicant.onList) return "not_listed";',
    "",
    attacks,
    "accounts after the list was switched on meanwhile: 403 not_listed",
  ],
  [
    rules,
    "if (applicant.connectedOnce) return null;",
    "",
    attacks,
    "legitimate flows during attacks a person who was connected once comes back without a free seat and without the list",
  ],
  [
    seats,
    "const { once, refusal } = await decide(user, true);",
    "const { once, refusal } = { ...first, refusal: null };",
    seating,
    "when two people see the last seat free, the second one finds it taken",
  ],
  [
    page,
    'text.replace(/[&<>"\']/g, (letter) => escapes[letter] ?? "");',
    "text;",
    attacks,
    "legitimate flows during attacks the refusal of another address shows both addresses, escaped, to that person only",
  ],
  [
    making,
    "if (seat.isNew) await seats.giveBack(user.Id);",
    "",
    attacks,
    "legitimate flows during attacks and the other one keeps no seat",
  ],
  [
    flow,
    'if (!user) return ending("inactive");\n  const { accessToken',
    'if (!user) return ending("connected");\n  const { accessToken',
    attacks,
    "accounts by somebody whose account was deleted meanwhile: 403 inactive",
  ],
]);
