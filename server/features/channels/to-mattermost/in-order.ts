/**
 * Keeps the order of messages after a crash. Microsoft repeats what the dead process did not accept, in any order and
 * after newer messages. So with the first message of a link that a process receives, everything that is in the
 * channel and not yet here is copied, in order.
 */

import type { Outcome } from "../../../platform/work/queue.ts";
import { isOurs } from "../pairs/message-digest.ts";
import { ofMessage, type PairKey } from "../pairs/pair-store.ts";
import type { ReceivedMessage } from "../teams-api.ts";
import { missedIn } from "./changes.ts";
import { type Receive, type Receiving, receive } from "./receive.ts";

/** The time of the last copy is known to a minute, and what was in progress is older. */
const BEFORE_MS = 3 * 60_000;

export class InOrder {
  readonly #begun = new Set<string>();
  readonly #since: number;

  /** When the process started; milliseconds since 1970. */
  constructor(since: number) {
    this.#since = since;
  }

  /** Returns why the message must wait; null: it is its turn, or it was copied with the others. */
  async catchUp(one: Receiving, message: ReceivedMessage | null): Promise<Outcome | null> {
    const { link, room, signal, work } = one;
    // An echo brings nothing new, and a link created since then has missed nothing.
    const isEcho = message !== null && isOurs(message);
    if (this.#begun.has(link.id) || work.old || isEcho || link.createdAt >= this.#since) return null;
    const { lastToMattermost } = await room.progress.read(link.id);
    const from = Math.max(link.createdAt, (lastToMattermost ?? link.createdAt) - BEFORE_MS);
    const all = await this.#read(one, from);
    for (const missed of all ?? []) {
      const at = Date.parse(missed.createdDateTime ?? "");
      const isMissed = at >= from && !missed.deletedDateTime && !missed.eventDetail;
      const key = ofMessage(link.id, missed.id);
      if (!isMissed || !(await isMissing(one, key))) continue;
      const before: Receive = {
        ...{ do: "receive", link: link.id, message: missed.id, root: missed.replyToId ?? null },
      };
      const outcome = await room.alone(key, () => receive({ room, link, work: before, signal }, missed));
      if (outcome.kind === "retry") return outcome;
    }
    if (all) this.#begun.add(link.id);
    return null;
  }

  /** Returns null when it cannot be read now. The messages then come in the order in which Microsoft repeats them. */
  async #read({ link, room, signal }: Receiving, from: number): Promise<readonly ReceivedMessage[] | null> {
    try {
      return await missedIn(room, link, { from }, { signal, turn: async () => !signal.aborted });
    } catch (error) {
      room.ports.log.info("The order of a linked channel could not be looked at", { link: link.id, error });
      return null;
    }
  }
}

/** It is not here, or a process died while creating the post. */
async function isMissing({ room }: Receiving, key: PairKey): Promise<boolean> {
  const found = await room.pairs.find(key);
  return !found || (found.pair.from === "teams" && found.pair.state === "sending");
}
