/**
 * After a process died, Microsoft repeats what it did not take, after what it takes now. So the first message of a link
 * that a process copies is preceded by those that are older and not here yet.
 */

import type { Outcome } from "../../platform/work/queue.ts";
import { missedIn } from "./changes.ts";
import { isOurs } from "./message-digest.ts";
import { ofMessage } from "./pair-store.ts";
import { type Receive, type Receiving, receive } from "./receive.ts";
import type { ReceivedMessage } from "./teams-api.ts";

/** When something was copied last is known to a minute, and what was under way is older. */
const BEFORE_MS = 3 * 60_000;

export class InOrder {
  readonly #begun = new Set<string>();
  readonly #since: number;

  /** When the process began; milliseconds since 1970. */
  constructor(since: number) {
    this.#since = since;
  }

  /** Answers why the message has to wait; null: it is its turn. */
  async earlier(one: Receiving, message: ReceivedMessage | null): Promise<Outcome | null> {
    const { link, room, signal, work } = one;
    const created = message ? Date.parse(message.createdDateTime ?? "") : createdOf(work.message);
    // An echo brings nothing, and a link that was made since has missed nothing.
    const isEcho = message !== null && isOurs(message);
    const isNews = !work.old && !isEcho && !Number.isNaN(created);
    if (this.#begun.has(link.id) || !isNews || link.createdAt >= this.#since) return null;
    const { lastToMattermost } = await room.progress.read(link.id);
    const from = Math.max(link.createdAt, (lastToMattermost ?? link.createdAt) - BEFORE_MS);
    const all = await this.#read(one, from);
    for (const missed of all ?? []) {
      const at = Date.parse(missed.createdDateTime ?? "");
      const isEarlier = at >= from && at < created && !missed.deletedDateTime && !missed.eventDetail;
      const key = ofMessage(link.id, missed.id);
      if (!isEarlier || (await room.pairs.find(key))) continue;
      const before: Receive = {
        ...{ do: "receive", link: link.id, message: missed.id, root: missed.replyToId ?? null },
      };
      const outcome = await room.alone(key, () => receive({ room, link, work: before, signal }, missed));
      if (outcome.kind === "retry") return outcome;
    }
    if (all) this.#begun.add(link.id);
    return null;
  }

  /** null: it cannot be read now. Without it the messages come in the order in which Microsoft repeats them. */
  async #read({ link, room, signal }: Receiving, from: number): Promise<readonly ReceivedMessage[] | null> {
    try {
      return await missedIn(room, link, { from }, { signal, turn: async () => !signal.aborted });
    } catch (error) {
      room.ports.log.info("The order of a linked channel could not be looked at", { link: link.id, error });
      return null;
    }
  }
}

/** What the dead process had taken is in the queue without its content. A message's id is the moment it was made. */
const createdOf = (id: string): number => (/^\d{13}/.test(id) ? Number.parseInt(id, 10) : Number.NaN);
