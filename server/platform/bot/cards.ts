/**
 * Cards: posts of the bot with buttons and menus.
 *
 *   card ─▶ post with signed buttons ─▶ the person presses ─▶ server calls POST /api/v1/cards ─▶ handler ─▶ answer
 *
 * A press is accepted only from the person the card is for, on the post it was created for, before it expires, and
 * with the context as it was signed. Any other press changes nothing, and its answer is a text that only the presser
 * sees.
 */

import { randomBytes } from "node:crypto";
import type { KeyValueStore, Post } from "../../runtime/mattermost/index.ts";
import type { Bot, BotApi } from "./bot.ts";
import { signContext, verifyContext } from "./signed-context.ts";
import { signingKey } from "./signing-key.ts";

export interface CardAction {
  /** The button's id on the post, such as `accept`. */
  readonly id: string;
  readonly label: string;
  readonly style?: "default" | "primary" | "good" | "warning" | "danger";
  /** The options of a menu. Without them it is a button. */
  readonly options?: readonly { readonly text: string; readonly value: string }[];
  /** Returned unchanged with the press. Put ids here, never text. */
  readonly value?: unknown;
}

export interface Card {
  /** Name of the handler: `calendar.invitation`. */
  readonly name: string;
  readonly title?: string;
  /** Markdown. */
  readonly text?: string;
  /** `#RRGGBB`. */
  readonly color?: string;
  readonly fields?: readonly { readonly title: string; readonly value: string; readonly short?: boolean }[];
  readonly actions: readonly CardAction[];
}

export interface CardAudience {
  /** The person who may press; null: everybody who sees the post. */
  readonly userId: string | null;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface Press {
  readonly action: string;
  readonly value: unknown;
  /** The chosen option of a menu; null for a button. */
  readonly selected: string | null;
  readonly userId: string;
  readonly channelId: string;
  readonly post: Post;
  /** Opens a dialog; valid for 3 s. */
  readonly triggerId: string;
}

/**
 * `ephemeral` is shown only to the person who pressed. To change the post, the handler updates it through the bot.
 */
export interface PressReply {
  readonly ephemeral?: string;
}

export type CardHandler = (press: Press) => Promise<PressReply>;

/** Why a press was refused. The text comes from the table of the person's language. */
export type PressProblem = "card_forged" | "card_expired" | "card_foreign" | "card_changed" | "card_unknown";

export interface PressRequest {
  readonly user_id: string;
  readonly post_id: string;
  readonly channel_id: string;
  readonly trigger_id: string;
  readonly context: { readonly token?: unknown; readonly selected_option?: unknown };
}

export type PressOutcome =
  | { readonly ok: true; readonly reply: PressReply }
  | { readonly ok: false; readonly problem: PressProblem };

export interface CardsPorts {
  readonly api: Pick<BotApi, "getPost">;
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly bot: Pick<Bot, "userId">;
  /** The URL to which the server sends presses: `/plugins/{id}/api/v1/cards`. */
  readonly url: string;
  readonly now: () => number;
}

export interface Cards {
  handle(name: string, handler: CardHandler): void;
  /** Returns the props of a post that shows the card. A new card on an old post invalidates the old buttons. */
  props(card: Card, audience: CardAudience): Promise<Record<string, unknown>>;
  /** Handles a press. `userId` must come from the server's header, never from the body. */
  press(userId: string, request: PressRequest): Promise<PressOutcome>;
}

export const NONCE_PROP = "mission_collaboration_card";

export function createCards({ api, kv, bot, url, now }: CardsPorts): Cards {
  const key = signingKey(kv);
  const handlers = new Map<string, CardHandler>();
  const refuse = (problem: PressProblem): PressOutcome => ({ ok: false, problem });
  return {
    handle(name, handler) {
      if (handlers.has(name)) throw new Error(`two handlers for the card ${name}`);
      handlers.set(name, handler);
    },

    async props(card, { userId, expiresAt }) {
      const nonce = randomBytes(16).toString("base64url");
      const secret = await key();
      const actions = card.actions.map(({ id, label, style, options, value }) => {
        const context = { card: card.name, action: id, userId, nonce, expiresAt, value: value ?? null };
        return {
          id,
          name: label,
          type: options ? "select" : "button",
          ...(style ? { style } : {}),
          ...(options ? { options: options.map((one) => ({ text: one.text, value: one.value })) } : {}),
          integration: { url, context: { token: signContext(context, secret) } },
        };
      });
      const { title, text, color, fields } = card;
      const attachment = {
        ...(title === undefined ? {} : { title }),
        ...(text === undefined ? {} : { text }),
        ...(color === undefined ? {} : { color }),
        ...(fields ? { fields: fields.map((one) => ({ short: false, ...one })) } : {}),
        actions,
      };
      return { attachments: [attachment], [NONCE_PROP]: nonce };
    },

    async press(userId, request) {
      const verdict = verifyContext(request.context.token, await key(), now());
      if (!verdict.ok) return refuse(verdict.problem === "expired" ? "card_expired" : "card_forged");
      const { context } = verdict;
      if (userId === "" || (context.userId !== null && context.userId !== userId))
        return refuse("card_foreign");
      const post = await api.getPost(request.post_id).catch(() => null);
      const here = post && post.DeleteAt === 0 && post.UserId === (await bot.userId());
      if (!here || post.Props[NONCE_PROP] !== context.nonce) return refuse("card_changed");
      const handler = handlers.get(context.card);
      if (!handler) return refuse("card_unknown");
      const { selected_option: selected } = request.context;
      const reply = await handler({
        action: context.action,
        value: context.value,
        selected: typeof selected === "string" ? selected : null,
        userId,
        channelId: post.ChannelId,
        post,
        triggerId: request.trigger_id,
      });
      return { ok: true, reply };
    },
  };
}
