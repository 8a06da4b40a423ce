/** Checks of the other ways to connect, and of later events. */

import { mutationsOf } from "./mutation.ts";

const people = "server/people/connections/";
const flow = `${people}flow/code-flow.ts`;
const bot = `${people}bot-account/bot-account.ts`;
const tab = `${people}flow/from-tab.ts`;
const earlier = `${people}flow/from-earlier.ts`;
const held = `${people}person-tokens.ts`;
const removal = `${people}removal.ts`;
const list = `${people}seats/allowed-list.ts`;
const invited = `${people}invitations/invited.ts`;
const invitations = `${people}invitations/invitations.ts`;
const life = `${people}lifecycle.test.ts ${people}disconnect.test.ts ${people}flow/from-tab.test.ts`;
const bots = `${people}bot-account/bot-account.test.ts`;
const lists = `${people}admin-routes.test.ts`;
const tokens = `${people}person-tokens.test.ts ${people}lost-connections.test.ts`;
const inviting = `${people}invitations/invitations.test.ts`;
const carried = `${people}flow/from-earlier.test.ts`;

export const connectionMutations = mutationsOf([
  // From the tab, from an earlier plugin, as the bot.
  [
    tab,
    "if (!verdict.ok)",
    "if (false)",
    life,
    "connecting from the tab a forged token: 401, nothing is stored",
  ],
  [
    earlier,
    'return known === "refused" ? { objectId: "", addresses: [] } : known;',
    "return known;",
    carried,
    "a refresh token of an earlier plugin connects nobody when Graph refuses it",
  ],
  [
    bot,
    'if (person.guest) return no(ending("microsoft_guest"));',
    "",
    bots,
    "is refused for a guest of the organisation",
  ],
  [
    flow,
    "const refusal = await notAdmin(ports, flow.userId);\n    if (refusal) return ending(refusal);",
    "",
    bots,
    "is refused to anybody but a system admin, at the beginning and at the end",
  ],
  [
    bot,
    "if (late === null) return { ok: true, connection };",
    "return { ok: true, connection };",
    bots,
    "is refused when a person connects the account just before the bot's record is written",
  ],
  // Later events.
  [
    held,
    'throw new ProductError("encryption_unavailable", "sealed with a key that is gone");',
    'return this.#lose(userId, seen, "damaged");',
    tokens,
    "the encryption key that is wrong loses nobody: with the right one restored everything works",
  ],
  [
    held,
    "fresh.connection.sealed === seen.connection.sealed && ",
    "",
    tokens,
    "a refresh with single-use refresh tokens: the node that lost the race reads the winner's token",
  ],
  [
    removal,
    "if (now && !now.connection.leaving) return;",
    "",
    life,
    "after a disconnect a new connect during the removal keeps the new connection",
  ],
  [
    list,
    "if (unknown.length > MAX_UNKNOWN) return refused(unknown);",
    "",
    lists,
    "the list of people who may connect eleven unknown addresses: 400, and the previous list is unchanged",
  ],
  [
    list,
    "/^[=+\\-@\\t\\r]/.test(text) ?",
    "false ?",
    lists,
    "the list of connected accounts the report has the earlier plugin's columns, and no cell is a formula",
  ],
  [
    invited,
    "clock() - (all[userId]?.at ?? 0) < OPEN_MS",
    "true",
    inviting,
    "the pool of invitations frees the place and the seat of an invitation after thirty days without an answer",
  ],
  [
    invitations,
    " || isWeekend(clock(), zoneOf(user))",
    "",
    inviting,
    "no invitation goes to anybody at the weekend of their time zone",
  ],
]);
