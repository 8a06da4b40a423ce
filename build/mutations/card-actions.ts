// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pieces of source, as texts
/** Checks of buttons, menus and forms: after each mutation any test of the room must fail. */

import { inRoom, type Mutation } from "./mutation.ts";

const bot = "server/platform/bot";
const cardsTest = `${bot}/cards.test.ts`;
export const cardMutations: readonly Mutation[] = [
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
  ...inRoom(`${bot}/cards.ts`, cardsTest, [
    ['const nonce = randomBytes(16).toString("base64url");', 'const nonce = "same";'],
    ['if (!handler) return refuse("card_unknown");', "if (!handler) return { ok: true, reply: {} };"],
    [
      "action: context.action,",
      "action: String((request.context as { action?: unknown }).action ?? context.action),",
    ],
    ["value: context.value,", "value: (request.context as { value?: unknown }).value ?? context.value,"],
    ["channelId: post.ChannelId,", "channelId: request.channel_id,"],
    ["if (handlers.has(name)) throw new Error(`two handlers for the card ${name}`);", ""],
  ]),
  // The sender of the request names another person in its body.
  ...inRoom(`${bot}/interaction-routes.ts`, `${bot}/dialogs.test.ts`, [
    [
      "const outcome = await cards.press(userId, await readShape(req.raw, press())).catch(stillRunning);",
      "const body = await readShape(req.raw, press());\n        const outcome = await cards.press(body.user_id || userId, body).catch(stillRunning);",
    ],
  ]),
  ...inRoom(`${bot}/signed-context.ts`, cardsTest, [
    ["context.expiresAt > now", "context.expiresAt >= now"],
    [
      "const expected = Buffer.from(mac(text, key));",
      "const expected = Buffer.from(mac(text, key)).subarray(0, signature.length);",
    ],
    ['createHmac("sha256", key).update(text)', 'createHmac("sha256", key).update(text.slice(0, 64))'],
  ]),
  ...inRoom(
    "server/features/channels/to-teams/retry-presses.ts",
    "server/features/channels/giving-up.test.ts",
    [
      ["if (!post.Props.attachments) return {};", ""],
      ['if (!(await links.fresh(link))) return { ephemeral: say("not_linked_any_more") };', ""],
    ],
  ),
  ...inRoom(
    "server/features/calendar/linked-events/link-commands.ts",
    "server/features/calendar/linked-events/link-commands.test.ts",
    [["        await this.#ports.newEvents.mustMayPost(userId, choice.c);\n", ""]],
  ),
  ...inRoom(`${bot}/dialogs.ts`, `${bot}/dialogs.test.ts`, [
    ['if (!card.startsWith(kind("")) || action !== "submit")', "if (false)"],
    ['userId === "" || owner !== userId', "false"],
    ["now() + OPEN_MS", "now() + 1_000 * OPEN_MS"],
  ]),
];
