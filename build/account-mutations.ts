/** As identity-mutations.ts: every check that guards connecting an account, and the door for change notifications. */

import type { Mutation } from "./identity-mutations.ts";

const people = "server/people/connections/";
const changes = "server/microsoft/subscriptions/";

const states = `${people}flow/flow-states.ts`;
const flow = `${people}flow/code-flow.ts`;
const making = `${people}flow/establish.ts`;
const bot = `${people}bot-account/bot-account.ts`;
const rules = `${people}seats/who-may-connect.ts`;
const seats = `${people}seats/seats.ts`;
const page = `${people}flow/outcome-page.ts`;
const tab = `${people}flow/from-tab.ts`;
const earlier = `${people}flow/from-earlier.ts`;
const held = `${people}person-tokens.ts`;
const removal = `${people}removal.ts`;
const list = `${people}seats/allowed-list.ts`;
const invited = `${people}invitations/invited.ts`;
const invitations = `${people}invitations/invitations.ts`;
const idToken = "server/microsoft/entra/verify-id-token.ts";

const webhook = `${changes}incoming/webhook.ts`;
const entries = `${changes}incoming/entries.ts`;
const secret = `${changes}incoming/client-state.ts`;
const content = `${changes}incoming/content.ts`;
const resource = `${changes}incoming/resource.ts`;
const inbox = `${changes}incoming/inbox.ts`;
const release = `${changes}lifecycle/release.ts`;
const token = "server/microsoft/entra/verify-validation-token.ts";

const attacks = `${people}attacks.test.ts`;
const signedIn = "server/microsoft/entra/verify-id-token.test.ts";
const seating = `${people}seats/seats.test.ts`;
const life = `${people}lifecycle.test.ts`;
const bots = `${people}bot-account/bot-account.test.ts`;
const lists = `${people}admin-routes.test.ts`;
const tokens = `${people}person-tokens.test.ts`;
const inviting = `${people}invitations/invitations.test.ts`;
const carried = `${people}flow/from-earlier.test.ts`;
const door = `${changes}incoming/webhook.test.ts`;
const opening = `${changes}incoming/content.test.ts`;
const reading = `${changes}incoming/resource.test.ts`;
const leaving = `${changes}lifecycle/release.test.ts`;

const drops = "an entry is dropped, counted, and its neighbour heard ";
const unproven = "without a good token no content is believed, but plain changes are ";

const row = (file: string, find: string, replace: string, test: string, red: string): Mutation => ({
  ...{ file, find, replace, test, red },
});

export const accountMutations: readonly Mutation[] = [
  // The state.
  row(
    states,
    "if (!/^[\\w-]{43}$/.test(state)) return null;",
    "",
    attacks,
    "what cannot be a state is not looked for in the store",
  ),
  row(
    states,
    "plain.userId !== by.userId || ",
    "",
    attacks,
    "states a state of another user under the same session id: 400 state",
  ),
  row(
    states,
    " || plain.sessionId !== by.sessionId",
    "",
    attacks,
    "states a state of another session of the same user: 400 state",
  ),
  row(
    states,
    "if (!(await kv.compareAndSet(keyOf(state), bytes, null))) return null;",
    "await kv.compareAndSet(keyOf(state), bytes, null);",
    attacks,
    "what works beside them a state works once: of twenty requests at the same moment one connects, and the code is redeemed once",
  ),
  row(
    states,
    "clock() >= expiresAt || ",
    "",
    attacks,
    "states a state that is ten minutes old, and still in the store: 400 state",
  ),
  row(
    states,
    'createHash("sha256").update(state).digest("base64url")}',
    "state}",
    attacks,
    "states the hash of a state, as the store has it: 400 state",
  ),
  // The query.
  row(
    flow,
    'return second === undefined ? (value ?? "") : "";',
    'return value ?? "";',
    attacks,
    "states two states, the right one first: 400 state",
  ),
  row(
    flow,
    'if (query.has("error")) return refusedByEntra(query);',
    "",
    attacks,
    "errors an error beside a good code: 403 cancelled",
  ),
  row(
    flow,
    'if (code === "" || code.length > MAX_CODE)',
    "if (false)",
    attacks,
    "codes a code of 10 KB: 400 state",
  ),
  row(
    flow,
    "registration?.tenantId !== flow.tenantId ||",
    "",
    attacks,
    "states a state after the tenant was changed: 400 state",
  ),
  row(
    flow,
    "registration.clientId !== flow.clientId ||",
    "",
    attacks,
    "states a state after the client was changed: 400 state",
  ),
  row(
    flow,
    "redirectUriOf(config, ports.pluginId) !== flow.redirectUri;",
    "false;",
    attacks,
    "states a state after the site moved: 400 state",
  ),
  row(
    flow,
    'if (number === "AADSTS65004") return ending("cancelled", detail);',
    "",
    attacks,
    "errors cancelled: 403 cancelled",
  ),
  row(
    flow,
    "if (foreignAccount.has(number)) return",
    "if (false) return",
    attacks,
    "errors an account of another tenant: 403 other_tenant",
  ),
  // The ID token.
  row(
    idToken,
    'if (version !== "2.0")',
    "if (false)",
    attacks,
    "tokens a version 1 ID token: 502 token_invalid",
  ),
  row(
    idToken,
    "claims.scp !== undefined || ",
    "",
    attacks,
    "tokens an access token as ID token: 502 token_invalid",
  ),
  row(
    idToken,
    'if (typeof claims.nonce !== "string" || !isSame(claims.nonce, expect.nonce))',
    "if (false)",
    signedIn,
    "an ID token is refused without a nonce: nonce",
  ),
  row(
    idToken,
    " || !isSame(claims.nonce, expect.nonce)",
    "",
    signedIn,
    "an ID token is refused with the nonce of another flow: nonce",
  ),
  row(
    idToken,
    "!GUID.test(oid) || ",
    "",
    signedIn,
    "an ID token is refused with an oid that is no GUID: subject",
  ),
  row(
    making,
    "if (person.guest && !policies.allowGuests)",
    "if (false)",
    attacks,
    "tokens an ID token of a guest: 403 microsoft_guest",
  ),
  row(
    making,
    "if (tokens.refreshToken === null)",
    "if (false)",
    attacks,
    "codes a flow without offline_access: 403 no_offline",
  ),
  row(
    making,
    "if (!holder && !fits && !policies.anyAddress)",
    "if (false)",
    attacks,
    "accounts the account of somebody else, by address: 403 other_address",
  ),
  row(
    making,
    "address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());",
    "address.normalize('NFKC').toUpperCase();",
    attacks,
    "what works beside them a dotless i is no i: another address",
  ),
  row(
    making,
    "if (answer.objectId !== person.objectId)",
    "if (false)",
    attacks,
    "tokens an ID token of one person with an access token of another: 502 token_invalid",
  ),
  row(
    making,
    'if (answer === "unreachable") return',
    "if (false) return",
    attacks,
    "Microsoft cannot be reached Graph answers 503: 503, nothing is kept, and the next attempt works",
  ),
  row(
    making,
    "if (seat.refusal) return no(seat.refusal);",
    "",
    attacks,
    "accounts after the last seat was taken meanwhile: 403 no_seat",
  ),
  row(
    making,
    "if (userId !== user.Id) return giveUp",
    "if (false) return giveUp",
    attacks,
    "what works beside them two people with one Microsoft account at the same moment: one gets it",
  ),
  row(
    rules,
    'if (applicant.isBot || applicant.isRemote) return "bot";',
    "",
    attacks,
    "accounts by a bot: 403 bot",
  ),
  row(rules, " || applicant.isRemote", "", attacks, "accounts by a person of another server: 403 bot"),
  row(
    rules,
    'if (!applicant.isActive) return "inactive";',
    "",
    attacks,
    "accounts by somebody who was deactivated meanwhile: 403 inactive",
  ),
  row(
    rules,
    'if (applicant.isGuest) return "guest";',
    "",
    attacks,
    "accounts by a guest of Mattermost: 403 guest",
  ),
  row(
    rules,
    'if (seats.restricted && !applicant.onList) return "not_listed";',
    "",
    attacks,
    "accounts after the list was switched on meanwhile: 403 not_listed",
  ),
  row(
    rules,
    "if (applicant.connectedOnce) return null;",
    "",
    attacks,
    "what works beside them whoever was connected once comes back without a free seat and without the list",
  ),
  row(
    seats,
    "const { once, refusal } = await decide(user, true);",
    "const { once, refusal } = { ...first, refusal: null };",
    seating,
    "of two who both saw the last seat free, the second one finds it taken",
  ),
  row(
    page,
    'text.replace(/[&<>"\']/g, (letter) => escapes[letter] ?? "");',
    "text;",
    attacks,
    "what works beside them the refusal of another address names both, escaped, to the person alone",
  ),
  // From the tab, from an earlier plugin, as the bot.
  row(tab, "if (!verdict.ok)", "if (false)", life, "from the tab a forged token: 401, nothing is kept"),
  row(
    earlier,
    'return known === "refused" ? { objectId: "", addresses: [] } : known;',
    "return known;",
    carried,
    "a refresh token of an earlier plugin that Graph refuses connects nobody",
  ),
  row(
    bot,
    'if (person.guest) return no(ending("microsoft_guest"));',
    "",
    bots,
    "refused a guest of the organisation",
  ),
  row(
    flow,
    "const refusal = await notAdmin(ports, flow.userId);\n    if (refusal) return ending(refusal);",
    "",
    bots,
    "refused to whoever is no system admin, at the beginning and at the end",
  ),
  // Afterwards.
  row(
    held,
    'throw new ProductError("encryption_unavailable", "sealed with a key that is gone");',
    'return this.#lose(userId, seen, "damaged");',
    tokens,
    "the encryption key that is wrong loses nobody: with the right one back everything works",
  ),
  row(
    held,
    "fresh.connection.sealed === seen.connection.sealed && ",
    "",
    tokens,
    "a refresh by a provider whose refresh tokens work once: the node that lost the race reads the winner's token",
  ),
  row(
    removal,
    "if (now && !now.connection.leaving) return;",
    "",
    life,
    "after a disconnect that the person's next connect overtakes, the new connection stays",
  ),
  row(
    list,
    "if (unknown.length > MAX_UNKNOWN) return refused(unknown);",
    "",
    lists,
    "the list of who may connect eleven unknown addresses: 400, and the list before is unchanged",
  ),
  row(
    list,
    "/^[=+\\-@\\t\\r]/.test(text) ?",
    "false ?",
    lists,
    "the list of connected accounts as a report has the columns of the earlier plugin and no formula",
  ),
  row(
    invited,
    "clock() - (all[userId]?.at ?? 0) < OPEN_MS",
    "true",
    inviting,
    "the pool gives the place and the seat of an invitation to others after thirty days without an answer",
  ),
  row(
    invitations,
    " || isWeekend(clock(), zoneOf(user))",
    "",
    inviting,
    "nobody is invited at the weekend where the person is",
  ),
  // The door for change notifications.
  row(
    webhook,
    'if (request.method !== "POST") throw',
    "if (false) throw",
    door,
    "a body is refused GET /api/v1/graph/changes: 405",
  ),
  row(webhook, "tokens.length === 1 ? ", "", door, "the handshake two tokens: 400"),
  row(
    webhook,
    " || Buffer.byteLength(token) > MAX_TOKEN_BYTES",
    "",
    door,
    "the handshake 4 KB of letters with two bytes: 400",
  ),
  row(
    webhook,
    'if (id === null) return "invalid_webhook_secret";',
    "if (id === null) return (await registrations.all())[0] as never;",
    door,
    `${drops}another client state: invalid_webhook_secret`,
  ),
  row(
    webhook,
    'if (!ours || entry.tenantId.toLowerCase() !== ours.tenantId) return "foreign_tenant";',
    'if (!ours) return "foreign_tenant";',
    door,
    `${drops}another tenant: foreign_tenant`,
  ),
  row(
    webhook,
    "(registration.subscriptionId === null || registration.subscriptionId === entry.subscriptionId)",
    "true",
    door,
    `${drops}another subscription: unknown_subscription`,
  ),
  row(
    webhook,
    "else if (!wished || !covers(wished, resource))",
    "else if (!wished)",
    door,
    `${drops}another person's event: foreign_resource`,
  ),
  row(
    webhook,
    "else if (wantsContent !== (entry.content !== null))",
    "else if (false)",
    door,
    `${drops}no content where there must be one: unproven`,
  ),
  row(
    webhook,
    'if (proof === "unproven") for (const _ of rich)',
    "if (false) for (const _ of rich)",
    door,
    `${unproven}no tokens`,
  ),
  row(
    webhook,
    'proof === "unproven" ? plain : [...plain, ...rich]',
    "[...plain, ...rich]",
    door,
    `${unproven}a stranger's key`,
  ),
  row(webhook, "texts.length === 0 || ", "", door, `${unproven}no tokens`),
  row(webhook, " || texts.length > MAX_VALIDATION_TOKENS", "", door, `${unproven}seventeen good ones`),
  row(webhook, "texts.length !== tokens.length || ", "", door, `${unproven}null beside a good one`),
  row(
    webhook,
    "verdicts.every((verdict) => verdict?.ok)",
    "verdicts.some((verdict) => verdict?.ok)",
    door,
    `${unproven}a forged one beside a good one`,
  ),
  row(
    entries,
    "Array.isArray(tokens) ? tokens : [null]",
    "[tokens].flat()",
    door,
    `${unproven}a good one in no list`,
  ),
  row(entries, " || entry.lifecycleEvent !== undefined", "", door, `${drops}a lifecycle event: malformed`),
  row(
    entries,
    "if (!body || !Array.isArray(body.value)) return null;",
    "if (!body) return null;",
    door,
    "a body is refused /api/v1/graph/changes: no value: 400",
  ),
  row(
    secret,
    "given.length === expected.length && timingSafeEqual(given, expected)",
    "true",
    door,
    `${drops}another client state: invalid_webhook_secret`,
  ),
  row(token, "if (sender !== CHANGE_TRACKING_APP_ID)", "if (false)", door, `${unproven}another sender`),
  row(token, "if (claims.scp !== undefined)", "if (false)", door, `${unproven}a person's token`),
  row(
    token,
    "audiences: () => [clientId]",
    'audiences: () => [clientId, "00000003-0000-0000-c000-000000000000"]',
    door,
    `${unproven}Graph as audience`,
  ),
  row(
    content,
    'if (!timingSafeEqual(createHmac("sha256", key).update(data).digest(), signature))',
    "if (false)",
    door,
    `${drops}a content signed with another key: forged_content`,
  ),
  row(
    content,
    "if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;",
    "",
    opening,
    "an encrypted content is refused blanks in the base64",
  ),
  row(resource, 'id === "." || id === ".." || ', "", door, `${drops}a resource that climbs: malformed`),
  row(
    resource,
    "if (text.length > MAX_CHARACTERS) return null;",
    "",
    reading,
    `a resource is refused "chats('a')/messages('1')?$select=xxxxxxxxxxxxxxxxxxxxxxxxxxx"`,
  ),
  row(
    inbox,
    'if (!repeatable && (await this.#seen.has(identity))) return drop("duplicate");',
    "",
    door,
    "once the same change, encrypted once more",
  ),
  row(
    inbox,
    'const repeatable = etag === null && queued.changeType === "updated";',
    "const repeatable = false;",
    door,
    "once two plain updates without etag are both news",
  ),
  row(
    release,
    "/^\\/?me\\//i.test(resource) && ",
    "",
    leaving,
    "the subscriptions of somebody who leaves what the app made for a person is the app's",
  ),
];
