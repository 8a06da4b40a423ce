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
/** Without an id the message is sent all the same. */
const made = lazy(() => z.object({ id: z.string().nullish() }).catch({}));
/** Enough for what one person writes in a chat within the time that a search looks back. */
const MAX_EARLIER = 20;
const MAX_CHATS = 5_000;

interface AsMember {
  readonly chat: string;
  readonly me: string;
  readonly credential: Credential;
}

export class Sending {
  readonly #ports: AnswersPorts;
  /** Member and chat → ids of the answers that this process sent last. */
  readonly #earlier = new Map<string, readonly string[]>();

  constructor(ports: AnswersPorts) {
    this.#ports = ports;
  }

  /** Ids of the member's last answers in the chat. */
  earlier({ chat, me }: Pick<AsMember, "chat" | "me">): readonly string[] {
    return this.#earlier.get(`${me} ${chat}`) ?? [];
  }

  #keep({ chat, me }: AsMember, id: string | null | undefined): void {
    if (!id) return;
    if (this.#earlier.size >= MAX_CHATS) this.#earlier.clear();
    this.#earlier.set(`${me} ${chat}`, [...this.earlier({ chat, me }), id].slice(-MAX_EARLIER));
  }

  async post(as: AsMember, quoted: string | null, draft: TeamsDraft): Promise<void> {
    const { graph } = this.#ports;
    const { chat, credential } = as;
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
        const quote = `${path}/replyWithQuote`;
        const { id } = await graph.request({ method: "POST", path: quote, body, credential, answer: made() });
        return this.#keep(as, id);
      } catch (error) {
        // The quoted message is gone, or this cloud cannot quote (docs/facts/microsoft-chat.md 8).
        if (![400, 404, 405, 501].includes(failureOf(error).status ?? 0)) throw error;
      }
    }
    const { id } = await graph.request({ method: "POST", path, body: message, credential, answer: made() });
    this.#keep(as, id);
  }

  /** Whether an earlier attempt has already sent it. `others`: the member's earlier answers, maybe with the same words. */
  async isThere(
    as: AsMember & { readonly signal: AbortSignal },
    draft: TeamsDraft,
    { others, since }: { readonly others: readonly string[]; readonly since: number },
  ): Promise<boolean> {
    const { chat, credential, me, signal } = as;
    const path = `/chats/${encodeURIComponent(chat)}/messages?$top=50`;
    const { value } = await this.#ports.graph.request({ path, answer: messages(), credential, signal });
    const found = value.find(
      ({ attachments, body, createdDateTime, from, id }) =>
        !others.includes(id) &&
        from?.user?.id?.toLowerCase() === me.toLowerCase() &&
        Date.parse(createdDateTime ?? "") >= since - CLOCKS_MS &&
        visible(body?.content ?? "").endsWith(visible(draft.content)) &&
        // Of files alone there is no text to compare.
        draft.attachments.every(({ id }) => attachments?.some((one) => sameId(one.id, id)) === true),
    );
    this.#keep(as, found?.id);
    return found !== undefined;
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
