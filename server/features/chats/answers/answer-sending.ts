/** The Graph calls that send an answer or a reaction as the member. */

import { z } from "zod";
import type { Credential } from "../../../microsoft/graph/index.ts";
import type { TeamsDraft } from "../../../microsoft/teams-messages/index.ts";
import { emojiText } from "../../../platform/markdown/emoji.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { failureOf } from "../graph-refusals.ts";
import type { AnswersPorts, ReactionTo } from "./answer.ts";

/** Difference between our clocks and Microsoft's. */
const CLOCKS_MS = 2 * 60_000;

const sentMessage = lazy(() =>
  z.object({
    id: z.string(),
    createdDateTime: z.string().nullish(),
    from: z.object({ user: z.object({ id: z.string().nullish() }).nullish() }).nullish(),
    body: z.object({ content: z.string().nullish() }).nullish(),
    attachments: z.array(z.object({ id: z.string().nullish() })).nullish(),
  }),
);
const messages = lazy(() => z.object({ value: z.array(sentMessage()) }));

interface AsMember {
  readonly chat: string;
  readonly credential: Credential;
}

export class Sending {
  readonly #ports: AnswersPorts;

  constructor(ports: AnswersPorts) {
    this.#ports = ports;
  }

  async post({ chat, credential }: AsMember, quoted: string | null, draft: TeamsDraft): Promise<void> {
    const { graph } = this.#ports;
    const path = `/chats/${encodeURIComponent(chat)}/messages`;
    const { attachments, content, importance, mentions } = draft;
    const message = {
      body: { contentType: "html", content },
      ...(mentions.length > 0 ? { mentions } : {}),
      ...(attachments.length > 0 ? { attachments } : {}),
      ...(importance === "normal" ? {} : { importance }),
    };
    if (quoted !== null) {
      const body = { messageIds: [quoted], replyMessage: message };
      try {
        return await graph.request({ method: "POST", path: `${path}/replyWithQuote`, body, credential });
      } catch (error) {
        // The quoted message is gone, or this cloud cannot quote (docs/facts/microsoft-chat.md 8).
        if (![400, 404, 405, 501].includes(failureOf(error).status ?? 0)) throw error;
      }
    }
    await graph.request({ method: "POST", path, body: message, credential });
  }

  /** Whether an earlier attempt has already sent it. */
  async isThere(
    { chat, credential, me, signal }: AsMember & { readonly me: string; readonly signal: AbortSignal },
    draft: TeamsDraft,
    since: number,
  ): Promise<boolean> {
    const path = `/chats/${encodeURIComponent(chat)}/messages?$top=50`;
    const { value } = await this.#ports.graph.request({ path, answer: messages(), credential, signal });
    return value.some(
      ({ attachments, body, createdDateTime, from }) =>
        from?.user?.id?.toLowerCase() === me.toLowerCase() &&
        Date.parse(createdDateTime ?? "") >= since - CLOCKS_MS &&
        visible(body?.content ?? "").endsWith(visible(draft.content)) &&
        // Of files alone there is no text to compare.
        draft.attachments.every(({ id }) => attachments?.some((one) => sameId(one.id, id)) === true),
    );
  }

  async mentionable(chatId: string, signal: AbortSignal) {
    const { directory, people } = this.#ports;
    const [chat, connected] = await Promise.all([
      directory.find(chatId, [], signal).catch(() => null),
      people.connected(),
    ]);
    const members = (chat?.members ?? []).flatMap(({ name, objectId }) => {
      const userId = objectId === null ? undefined : connected.get(objectId);
      return userId && objectId && name !== "" ? [{ userId, id: objectId, displayName: name }] : [];
    });
    const accounts = await people.accounts(members.map(({ userId }) => userId));
    const byName = new Map(
      members.flatMap((one) => {
        const account = accounts.get(one.userId);
        return account ? [[account.username, { id: one.id, displayName: one.displayName }] as const] : [];
      }),
    );
    return (username: string) => byName.get(username.toLowerCase()) ?? null;
  }

  async react({ chat, emoji, isRemoved, message, user }: ReactionTo, signal: AbortSignal): Promise<void> {
    const { connections, graph } = this.#ports;
    const reactionType = emojiText(emoji);
    // A custom emoji is a picture that Teams does not have.
    if (reactionType.startsWith(":")) return;
    const id = encodeURIComponent;
    const name = isRemoved ? "unsetReaction" : "setReaction";
    try {
      await graph.request({
        method: "POST",
        path: `/chats/${id(chat)}/messages/${id(message)}/${name}`,
        body: { reactionType },
        credential: connections.credential(user),
        signal,
      });
    } catch (error) {
      // Teams does not support this emoji as a reaction, or the message is gone.
      if (![400, 404].includes(failureOf(error).status ?? 0)) throw error;
    }
  }
}

/** Graph writes ids of files in its own case. */
const sameId = (one: string | null | undefined, other: string) => one?.toLowerCase() === other.toLowerCase();

/** Removes marks and white space, because Graph rewrites the markup that it accepts. */
const visible = (html: string) =>
  html
    .replace(/<[^>]*>/g, "")
    .replace(/&nbsp;|&#160;/g, " ")
    .replace(/\s+/g, "");
