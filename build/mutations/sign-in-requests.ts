/** Checks of the sign-in request. */

import { mutationsOf } from "./mutation.ts";

const requestChecks = "server/features/sign-in/request-checks.ts";
const session = "server/features/sign-in/session.ts";
const cookies = "server/features/sign-in/session-cookies.ts";
const rate = "server/features/sign-in/rate-limit.ts";
const place = "server/features/sign-in/destination.ts";
const router = "server/platform/http/router.ts";
const body = "server/platform/http/body.ts";
const tokens = "server/features/sign-in/bad-tokens.test.ts";
const requests = "server/features/sign-in/bad-requests.test.ts";
const admin = "server/features/sign-in/admin.test.ts";
const routerTests = "server/platform/http/router.test.ts";
const sessions = "server/features/sign-in/session.test.ts server/features/sign-in/tab-sessions.test.ts";

export const signInRequestMutations = mutationsOf([
  // The request.
  [requestChecks, 'if (method !== "POST")', "if (false)", requests, "requests PUT: method"],
  [
    requestChecks,
    'if (site !== null && site !== "same-origin")',
    "if (false)",
    requests,
    "requests Sec-Fetch-Site cross-site: foreign_origin",
  ],
  [
    requestChecks,
    "if (from !== null && from !== origin)",
    "if (false)",
    requests,
    "requests Origin https://evil.example: foreign_origin",
  ],
  [
    requestChecks,
    "from !== origin",
    "!from.startsWith(origin)",
    requests,
    "requests Origin https://chat.example.com.evil.example: foreign_origin",
  ],
  [
    requestChecks,
    'if (headers.get("X-Requested-With") !== "XMLHttpRequest")',
    "if (false)",
    requests,
    "requests our header left out: header",
  ],
  [
    requestChecks,
    'if (type.trim().toLowerCase() !== "application/json")',
    "if (false)",
    requests,
    "requests Content-Type text/plain: content_type",
  ],
  [
    body,
    'if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes)',
    "if (false)",
    requests,
    "requests a length that promises too much: body_size",
  ],
  [body, "if (size > maxBytes)", "if (false)", requests, "requests 24 KB and more: body_size"],
  [
    session,
    "if (!siteUrl?.secure)",
    "if (!siteUrl)",
    requests,
    "settings that are not complete, or not ours a site over http: site_url",
  ],
  [
    session,
    "if (!config.current.registration)",
    "if (false)",
    requests,
    "settings that are not complete, or not ours an unreadable request while nothing is set up: not_configured",
  ],
  [
    session,
    'if (typeof token !== "string") throw',
    "if (false) throw",
    tokens,
    "token structure a list with a good token: malformed",
  ],
  [
    session,
    'take(byPerson, person.objectId, "rate_person");',
    "",
    requests,
    "too fast one person, thirteen times at once: rate_person",
  ],
  [
    session,
    'take(byRoute, "", "rate_route");',
    "",
    requests,
    "too fast bad tokens, each from another address: rate_route",
  ],
  [
    session,
    'take(byAddress, addressKey(env.IPAddress), "rate_address");',
    "",
    requests,
    "too fast one address, after thirty bad tokens: rate_address",
  ],
  [
    session,
    "byAddress.add(addressKey(env.IPAddress), REFUSED_COST);",
    "",
    requests,
    "too fast one address, after thirty bad tokens: rate_address",
  ],
  [
    session,
    '.replace(/eyJ[\\w-]+(\\.[\\w-]*)*/g, "[token]")',
    "",
    admin,
    "the audit record of a sign-in no session, cookie or token value appears in logs or records",
  ],
  [
    router,
    "if (!response.headers.has(name)) response.headers.set(name, value);",
    "",
    routerTests,
    "responses are neither cached nor sniffed, unless the route says so",
  ],
  [
    rate,
    ".slice(0, 4)",
    "",
    requests,
    "too fast one network of IPv6, whatever the rest of the address: rate_address",
  ],
  [
    cookies,
    "; HttpOnly`",
    "`",
    sessions,
    "a person whose account has the same address gets cookies for the frame only",
  ],
  [
    cookies,
    "Secure; SameSite=None; Partitioned",
    "Secure; SameSite=None",
    sessions,
    "a person whose account has the same address gets cookies for the frame only",
  ],
  [
    place,
    "if (!(await api.hasPermissionToChannel(userId, channelId, readChannel))) return null;",
    "",
    sessions,
    "the location in the answer is a channel, team or person by id, elsewhere the start page",
  ],
  [
    place,
    "!MATTERMOST_ID.test(id)",
    "false",
    sessions,
    "the location in the answer is a channel, team or person by id, elsewhere the start page",
  ],
]);
