/** Handles what happens to a message after it was posted: an edit, a deletion, a block by a policy. */

import type { Outcome } from "../../../platform/work/queue.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import type { Reason } from "../metrics.ts";
import { chatWords } from "../words.ts";
import type { DeliveryPorts, ReceivedChange, Work } from "../work.ts";
import { quotedRoot, write } from "../writing.ts";
import { conversionOf } from "./conversion.ts";
import { GROUP_PROP, groupIn, grown, withoutPart, withText } from "./groups.ts";
import type { GrowingPosts } from "./growing-posts.ts";
import { emptyRecord, PENDING, postIdOf, type SeenRecord, SUMMED } from "./message-records.ts";
import { findPost, isFinal, isGone, isMessage, notesOf, withNotes } from "./posting.ts";
import { deepLink } from "./wording.ts";

/** Later edits are ignored. */
const EDITS_MS = 3_600_000;
/** How long a change that arrived before its message waits for it. */
export const AHEAD_MS = 10 * 60_000;

export class Aftermath {
  readonly #ports: DeliveryPorts;
  readonly #growing: GrowingPosts;

  constructor(ports: DeliveryPorts, growing: GrowingPosts) {
    this.#ports = ports;
    this.#growing = growing;
  }

  async edited(work: Work, seen: SeenRecord, signal: AbortSignal): Promise<Outcome> {
    const { chat, message, readers } = work;
    const { clock, config, people } = this.#ports;
    const { editedAt, people: posts } = seen.record;
    const isEdit = message.editedAt > editedAt && clock.now() - message.createdAt < EDITS_MS;
    const postIds = Object.entries(posts).filter(([, noted]) => postIdOf(noted) !== null);
    if (isEdit && postIds.length > 0 && message.sender) {
      const { sender } = message;
      const accounts = await people.accounts(postIds.map(([userId]) => userId));
      const conversion = await conversionOf(this.#ports, message, readers, signal);
      const url = deepLink(config.current, chat.id, message.messageId);
      for (const [userId, postId] of postIds) {
        const account = accounts.get(userId);
        if (!account) continue;
        const quoted = await quotedRoot(this.#ports, userId, message);
        const { dropped, markdown, text } = write(conversion, {
          ...{ account, chat, sender, url },
          threadOf: quoted === null ? null : () => quoted,
        });
        if (dropped !== null) continue;
        await this.#growing.change(postId, signal, async (post) => {
          if (!post) return;
          const group = groupIn(post.Props ?? {});
          const next = group
            ? grown(post, withText(group, message.messageId, markdown))
            : { ...post, Message: withNotes(text, notesOf(post)) };
          if (next.Message !== post.Message) await this.#update(next);
        });
      }
    }
    // Also after an edit that changed nothing here, so that an older state that comes late is recognised.
    await this.#ports.records.change(message, (record) =>
      record && message.modifiedAt > record.modifiedAt
        ? { ...record, modifiedAt: message.modifiedAt, editedAt: message.editedAt }
        : null,
    );
    return isEdit ? { kind: "done" } : this.#discard("notifications_only");
  }

  /** A server that refuses changes of a post must not delay the chat. */
  async #update(post: Post): Promise<void> {
    try {
      await this.#ports.api.updatePost(post);
    } catch (error) {
      if (!isFinal(error)) throw error;
      this.#ports.metrics.discarded("internal_error");
    }
  }

  /** Removes the posts of a message, and keeps it from being posted. */
  async gone(change: ReceivedChange, why: "deleted" | "blocked", signal: AbortSignal): Promise<Outcome> {
    const { clock } = this.#ports;
    const createdAt = Number(/^\d{13}$/.exec(change.messageId)?.[0] ?? 0);
    const isFresh = clock.now() - createdAt < AHEAD_MS;
    const seen = await this.#ports.records.read(change.chatId, change.messageId);
    if (!seen && !isFresh) return this.#discard("notifications_only");
    for (const [userId, noted] of Object.entries(seen?.record.people ?? {})) {
      if (noted === SUMMED) await this.#ports.late.withdraw(userId, change.chatId, change.messageId);
      const postId =
        noted === PENDING
          ? (await findPost(this.#ports, userId, isMessage(change), seen?.record.plannedAt ?? 0))?.Id
          : postIdOf(noted);
      if (!postId) continue;
      const remove = (post: Post | null) => this.#removePost(userId, post, change.messageId, why);
      await this.#growing.change(postId, signal, remove);
    }
    await this.#ports.records.change(change, (record) => ({
      ...(record ?? { ...emptyRecord, createdAt }),
      isGone: true,
    }));
    return seen ? { kind: "done" } : this.#discard("deleted");
  }

  /**
   * A post with answers in its thread stays, without the message's text, because the answers are the member's own.
   */
  async #removePost(
    userId: string,
    post: Post | null,
    messageId: string,
    why: "deleted" | "blocked",
  ): Promise<void> {
    const { api, people } = this.#ports;
    if (!post) return;
    try {
      const group = groupIn(post.Props ?? {});
      const rest = group && withoutPart(group, messageId);
      if (rest) return await this.#update(grown(post, rest));
      if (post.ReplyCount === 0) return await api.deletePost(post.Id);
      const account = (await people.accounts([userId])).get(userId);
      const note = chatWords.in(account?.language)(why);
      const { attachments: _, [GROUP_PROP]: __, ...props } = post.Props ?? {};
      await this.#update({ ...post, Message: `_${note}_`, FileIds: [], Props: props });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  #discard(reason: Reason): Outcome {
    this.#ports.metrics.discarded(reason);
    return { kind: "drop", because: reason };
  }
}
