// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pieces of source, as texts
/**
 * Checks of the rooms that strangers reach: buttons and forms, HTTP routes, the code flow, the webhook, the
 * conversions. Each is removed, and then any test of its room must fail (`red` is empty). More checks of the code
 * flow and of the webhook, each with the case that fails, are in code-flow.ts and change-notifications.ts.
 */

import type { Mutation } from "./mutation.ts";

type Change = readonly [find: string, replace: string];

const inRoom = (file: string, test: string, changes: readonly Change[]): Mutation[] =>
  changes.map(([find, replace]) => ({ file, find, replace, test, red: "" }));

const bot = "server/platform/bot";
const cardsTest = `${bot}/cards.test.ts`;
const cards: readonly Mutation[] = [
  ...inRoom(`${bot}/signed-context.ts`, cardsTest, [
    ["more.length > 0 || ", ""],
    [" || !timingSafeEqual(given, expected)", ""],
    ["given.length !== expected.length || ", ""],
    ["context.expiresAt > now ?", "true ?"],
    ["if (key.length < 32)", "if (false)"],
  ]),
  ...inRoom(`${bot}/cards.ts`, cardsTest, [
    ['if (userId === "" || (context.userId !== null', "if ((context.userId !== null"],
    ["(context.userId !== null && context.userId !== userId)", "false"],
    ["post.DeleteAt === 0 && ", ""],
    [" && post.UserId === (await bot.userId())", ""],
    [" || post.Props[NONCE_PROP] !== context.nonce", ""],
    [
      'if (!verdict.ok) return refuse(verdict.problem === "expired" ? "card_expired" : "card_forged");\n      const { context } = verdict;',
      'const { context } = verdict.ok ? verdict : { context: JSON.parse(Buffer.from(String(request.context.token).split(".")[0] ?? "", "base64url").toString()) };',
    ],
  ]),
  ...inRoom(`${bot}/dialogs.ts`, `${bot}/dialogs.test.ts`, [
    ['if (!card.startsWith(kind("")) || action !== "submit")', "if (false)"],
    ['userId === "" || owner !== userId', "false"],
    ["now() + OPEN_MS", "now() + 1_000 * OPEN_MS"],
  ]),
];

const door: readonly Mutation[] = inRoom(
  "server/platform/http/door.ts",
  "server/platform/http/door.test.ts",
  [
    ["  app.use(ADMIN_PATH, requireAdmin);\n  app.use(`${ADMIN_PATH}/*`, requireAdmin);\n", ""],
    ['if (!userId) throw new ProductError("not_signed_in");', ""],
    ['if (audience === "member" || admins.has(request)) return userId;', "if (userId) return userId;"],
    ['if (!(await isSystemAdmin(userId))) throw new ProductError("not_allowed");', ""],
    ["requireGuard(route);", ""],
    ["admins.has(req.raw) ? explain?.(error) : null", "explain?.(error)"],
    ["if (/[*{]/.test(segment)) return true;", ""],
    ["return withDefaults(await handle(c, userId));", "return await handle(c, userId);"],
  ],
);

const people = "server/people/connections";
const attacks = ["attacks", "attacks-tokens", "attacks-accounts", "connecting"]
  .map((name) => `${people}/${name}.test.ts`)
  .join(" ");
// Leaves out a refusal that a later check repeats, such as the claim of the link or the later check of a token.
const codeFlow: readonly Mutation[] = [
  ...inRoom(`${people}/flow/code-flow.ts`, `${attacks} ${people}/bot-account/bot-account.test.ts`, [
    ["if (changed) return", "if (false) return"],
    [
      "const refusal = isBot ? await notAdmin(ports, userId) : await ports.seats.look(user);",
      "const refusal = isBot ? null : await ports.seats.look(user);",
    ],
  ]),
];

const changes = "server/microsoft/subscriptions";
const webhookTest = ["", "-entries", "-tokens"]
  .map((part) => `${changes}/incoming/webhook${part}.test.ts`)
  .join(" ");
const webhook: readonly Mutation[] = [
  ...inRoom(`${changes}/incoming/webhook.ts`, webhookTest, [
    ['if (!ports.active()) throw new ProductError("not_found");', ""],
  ]),
  ...inRoom(`${changes}/incoming/client-state.ts`, webhookTest, [["if (!ID.test(id)) return null;", ""]]),
  ...inRoom(`${changes}/incoming/content.ts`, `${changes}/incoming/content.test.ts`, [
    ["if (key?.length !== KEY_BYTES)", "if (!key)"],
    ["dataText.length > MAX_DATA_CHARACTERS || keyText.length > MAX_KEY_CHARACTERS", "false"],
  ]),
];

const teams = "server/microsoft/teams-messages";
const hostile = ["hostile", "hostile-cards", "properties", "post-properties", "golden-teams"]
  .map((name) => `${teams}/${name}.test.ts`)
  .join(" ");
const conversions: readonly Mutation[] = [
  ...inRoom(`${teams}/escape.ts`, hostile, [
    ["return /[\\w.-]/.test(after) && !WORD.test(before) ? `@${ZERO_WIDTH}` : null;", "return null;"],
    ["return /^\\p{L}/u.test(text.slice(at + 1, at + 3)) ? `#${ZERO_WIDTH}` : null;", "return null;"],
    ["return /[A-Za-z0-9]/.test(after) ? `~${ZERO_WIDTH}` : null;", "return null;"],
    ["return isOddAutolink(text.slice(at, at + 300)) ? `<${ZERO_WIDTH}` : null;", "return null;"],
    ["return startsEmoji(text, at, place) ? `:${ZERO_WIDTH}` : null;", "return null;"],
    ['return place.cell ? "\\\\|" : null;', "return null;"],
    ["if (place.lineStart) lineStart(glyphs, outs);", ""],
    ["formulas(glyphs, outs, fixed);", ""],
    ['outs[at] = "\\\\\\\\";', ""],
  ]),
  ...inRoom(`${teams}/addresses.ts`, hostile, [
    ["|| !SCHEMES.test(trimmed) ", ""],
    ["trimmed.length > MAX_ADDRESS || ", ""],
    [".replace(UNSAFE, encoded)", ""],
    ["!graphHosts.includes(url.host.toLowerCase()) || ", ""],
    ["|| /^\\.+$/.test(id)", ""],
    ["const foreign = known && !same;", "const foreign = false;"],
  ]),
];

export const roomMutations = { cards, door, "code flow": codeFlow, webhook, conversions } as const;
