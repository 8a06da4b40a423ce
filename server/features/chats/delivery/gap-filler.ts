/** Fills gaps between notifications: reads the messages of each connected person within the gap. */

import { z } from "zod";
import type { Gap, GapWork } from "../../../microsoft/subscriptions/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { failureOf } from "../graph-refusals.ts";
import type { ChatsPorts } from "../ports.ts";
import type { People } from "../recipients/people.ts";
import type { Delivery } from "./delivery.ts";

const item = lazy(() => z.looseObject({ id: z.string(), chatId: z.string() }));
type Item = z.output<ReturnType<typeof item>>;

/** Limit for one person in one gap. A person with more messages has read them in Teams. */
const MAX_MESSAGES = 1_000;

export class GapFiller {
  readonly #ports: Pick<ChatsPorts, "graph" | "log" | "clock"> & {
    readonly people: People;
    readonly delivery: Delivery;
  };

  constructor(
    ports: Pick<ChatsPorts, "graph" | "log" | "clock"> & {
      readonly people: People;
      readonly delivery: Delivery;
    },
  ) {
    this.#ports = ports;
  }

  /** Throws what the Graph client throws, and when a message must be retried. */
  async fill(gap: Gap, { signal, turn }: GapWork): Promise<void> {
    const { people } = this.#ports;
    const seen = new Set<string>();
    let again = 0;
    let refused: { readonly error: unknown } | null = null;
    let isAnswered = false;
    for (const objectId of (await people.connected()).keys()) {
      if (!(await turn())) return;
      let messages: Item[];
      try {
        messages = await this.#messagesOf(objectId, gap, turn, signal);
        isAnswered = true;
      } catch (error) {
        // Somebody who has left, or has no licence any more, must not keep the gap of all others open.
        if (!refusesPerson(error)) throw error;
        refused = { error };
        continue;
      }
      for (const message of messages) {
        const identity = `${message.chatId} ${message.id}`;
        if (seen.has(identity)) continue;
        seen.add(identity);
        if (signal.aborted) return;
        again += (await this.#deliver(message, gap, signal)) ? 0 : 1;
      }
    }
    // All were refused: that is not about one of them.
    if (refused && !isAnswered) throw refused.error;
    if (again > 0) throw new Error(`${again} messages of a gap have to be tried again`);
  }

  /** Oldest first. */
  async #messagesOf(
    objectId: string,
    { from, to }: Gap,
    turn: () => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<Item[]> {
    const time = (at: number) => new Date(at).toISOString();
    const filter = `lastModifiedDateTime gt ${time(from)} and lastModifiedDateTime lt ${time(to)}`;
    const path = `/users/${encodeURIComponent(objectId)}/chats/getAllMessages?$top=50&$filter=${encodeURIComponent(filter)}`;
    const found: Item[] = [];
    for await (const one of this.#ports.graph.items({ path, answer: item(), signal })) {
      found.push(one);
      if (found.length >= MAX_MESSAGES) break;
      // Each page is a request of the shared rate limit.
      if (found.length % 50 === 0 && !(await turn())) break;
    }
    const at = (one: Item) => Date.parse(String(one.createdDateTime)) || 0;
    return found.sort((a, b) => at(a) - at(b));
  }

  async #deliver(message: Item, gap: Gap, signal: AbortSignal): Promise<boolean> {
    const createdAt = Date.parse(String(message.createdDateTime)) || 0;
    const isDeleted = Boolean(message.deletedDateTime);
    const outcome = await this.#ports.delivery.handle(
      {
        chatId: message.chatId,
        messageId: message.id,
        // A reaction to an old message moves it into the gap, but it is not a new message.
        changeType: isDeleted ? "deleted" : createdAt >= gap.from ? "created" : "updated",
        content: message,
        receivedAt: this.#ports.clock.now(),
      },
      signal,
    );
    return outcome.kind !== "retry";
  }
}

const refusesPerson = (error: unknown): boolean => [403, 404, 410].includes(failureOf(error).status ?? 0);
