// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pieces of source, as texts
/**
 * Checks of the rooms that strangers reach: buttons and forms, HTTP routes, the code flow, the webhook, the
 * conversions. Each is removed, and then any test of its room must fail (`red` is empty). More checks of the code
 * flow and of the webhook, each with the case that fails, are in code-flow.ts and change-notifications.ts.
 */

import { inRoom, type Mutation } from "./mutation.ts";

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
  ...inRoom(`${changes}/incoming/client-state.ts`, webhookTest, [
    // A part of the state is compared: its first 32 bytes, as much as the sender has given, all but blanks.
    ["timingSafeEqual(given, expected)", "timingSafeEqual(given.subarray(0, 32), expected.subarray(0, 32))"],
    [
      "given.length === expected.length && timingSafeEqual(given, expected)",
      "timingSafeEqual(given, expected.subarray(0, given.length))",
    ],
    ["const given = Buffer.from(state);", "const given = Buffer.from(state.trim());"],
    ["if (secret.length < 32)", "if (false)"],
  ]),
  ...inRoom(`${changes}/incoming/content.ts`, `${changes}/incoming/content.test.ts`, [
    ["if (key?.length !== KEY_BYTES)", "if (!key)"],
    ["dataText.length > MAX_DATA_CHARACTERS || keyText.length > MAX_KEY_CHARACTERS", "false"],
  ]),
];

export const roomMutations = { cards, door, "code flow": codeFlow, webhook } as const;
