/** One entry of the queue: whether it is still wanted, who carries it out, and when it is tried again. */

import type { Outcome, Queue, QueueWork } from "../../platform/work/queue.ts";
import { blocks, type Life } from "./links/life.ts";
import type { ChannelLink } from "./links/link-store.ts";
import { tellAdded } from "./links/members.ts";
import { ofMessage, ofPost } from "./pairs/pair-store.ts";
import type { Room } from "./room.ts";
import type { ReceivedMessage } from "./teams-api.ts";
import { resourceOf } from "./to-mattermost/changes.ts";
import type { Contents } from "./to-mattermost/contents.ts";
import { InOrder } from "./to-mattermost/in-order.ts";
import { type Receive, receive } from "./to-mattermost/receive.ts";
import { deletePost } from "./to-teams/delete.ts";
import { findReactions, sendReaction } from "./to-teams/reactions.ts";
import { sendPost } from "./to-teams/send.ts";
import { giveUp } from "./to-teams/unsent.ts";
import { laneOf, type Work } from "./work.ts";

export interface EntriesPorts {
  readonly room: Room;
  readonly life: Life;
  readonly contents: Contents;
  readonly queue: Pick<Queue<Work>, "isOvertaken">;
}

const EXPIRY_MS = 3 * 24 * 3_600_000;
const PAUSED_MS = 60_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 2 * 60_000;
const OLDER_FIRST: Outcome = { kind: "retry", because: "older_first", afterMs: 0, counts: false };
const ARCHIVED = /deleted|archived/;

export class Entries {
  readonly #ports: EntriesPorts;
  readonly #inOrder: InOrder;
  /** Attempts in a row for which Microsoft was away, by lane. */
  readonly #failures = new Map<string, number>();

  constructor(ports: EntriesPorts) {
    this.#ports = ports;
    this.#inOrder = new InOrder(ports.room.ports.clock.now());
  }

  async handle({ entry: { value: work, at }, signal }: QueueWork<Work>): Promise<Outcome> {
    const { room } = this.#ports;
    const link = (await room.links.byId(work.link)) ?? (await room.links.fresh(work.link));
    if (!link) return this.#settled(work, { kind: "drop", because: "unlinked" });
    if (room.ports.clock.now() - at >= EXPIRY_MS && work.do !== "delete") {
      if (work.do === "post") await giveUp(room, link, work.post);
      return this.#settled(work, { kind: "drop", because: "expired" });
    }
    if (link.paused !== null && blocks(link.paused))
      return { kind: "retry", because: link.paused, counts: false, afterMs: PAUSED_MS };
    return this.#settled(work, this.#paced(work, await this.#perform(link, work, signal)));
  }

  /**
   * While Microsoft is unreachable, a lane retries less and less often; when Microsoft names a time, it retries then.
   */
  #paced(work: Work, outcome: Outcome): Outcome {
    const lane = laneOf(work);
    if (outcome.kind !== "retry" || !outcome.because.startsWith("microsoft_")) {
      this.#failures.delete(lane);
      return outcome;
    }
    const count = (this.#failures.get(lane) ?? 0) + 1;
    this.#failures.set(lane, count);
    const grown = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(count - 1, 10));
    const jitter = 0.75 + this.#ports.room.ports.clock.random() / 4;
    return { ...outcome, afterMs: outcome.afterMs ?? Math.ceil(grown * jitter) };
  }

  async #perform(link: ChannelLink, work: Work, signal: AbortSignal): Promise<Outcome> {
    const { room } = this.#ports;
    switch (work.do) {
      case "post":
        return room.alone(ofPost(work.post), () => sendPost(room, link, work.post, signal));
      case "delete":
        return room.alone(ofPost(work.post), () => deletePost(room, link, work));
      case "react":
        return room.alone(ofPost(work.post), () => sendReaction(room, link, work));
      case "reactions":
        return room.alone(ofPost(work.post), () => findReactions(room, link, work.post));
      case "receive":
        return this.#received(link, work, signal);
    }
  }

  async #received(link: ChannelLink, work: Work & { do: "receive" }, signal: AbortSignal): Promise<Outcome> {
    const { contents, life, room } = this.#ports;
    const message = contents.get(link.id, work.message);
    const own = {
      turn: () => this.#turnOf(link, work),
      async happened(event: ReceivedMessage) {
        await life.happened(link, event);
        await tellAdded(room, link, event);
      },
    };
    const one = { room, link, work, signal, own };
    try {
      const wait = await this.#inOrder.catchUp(one, message);
      return wait ?? (await room.alone(ofMessage(link.id, work.message), () => receive(one, message)));
    } catch (error) {
      const id = (error as { id?: unknown } | null)?.id;
      if (typeof id !== "string" || !ARCHIVED.test(id)) throw error;
      await life.look(link);
      return { kind: "retry", because: "mattermost_archived", counts: false, afterMs: PAUSED_MS };
    }
  }

  /** Called before a post is created: an older message may have arrived meanwhile, or may still arrive. */
  async #turnOf(link: ChannelLink, work: Receive): Promise<Outcome | null> {
    const { queue, room } = this.#ports;
    await room.ports.subscriptions.older(resourceOf(link, work));
    return queue.isOvertaken(laneOf(work)) ? OLDER_FIRST : null;
  }

  #settled(work: Work, outcome: Outcome): Outcome {
    if (outcome.kind === "retry") return outcome;
    const { contents, room } = this.#ports;
    if (work.do === "receive") contents.release(work.link, work.message);
    if (outcome.kind === "drop")
      room.dropped(work.do === "receive" ? "to_mattermost" : "to_teams", outcome.because);
    return outcome;
  }
}
