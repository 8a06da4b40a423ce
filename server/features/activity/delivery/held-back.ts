/** Manages people who get a summary: who is waiting, which queue entries are kept for it, and its delivery. */

import { MAX_RECIPIENTS } from "../../../microsoft/graph/index.ts";
import { chunks } from "../../../platform/chunks.ts";
import type { Clock } from "../../../platform/work/pace.ts";
import type { Members } from "../members/members.ts";
import type { Delivery, Message, Recipient } from "./delivery.ts";
import type { Entry, Outbox } from "./outbox.ts";
import { Summaries, type Summary } from "./summaries.ts";

export interface HeldBackPorts {
  readonly outbox: Outbox;
  readonly members: Pick<Members, "objectId" | "unwanted">;
  readonly delivery: Pick<Delivery, "send">;
  readonly clock: Clock;
  readonly isExpired: (entry: Entry) => boolean;
  readonly onExpired: (entry: Entry) => Promise<void>;
}

export class HeldBack {
  readonly #ports: HeldBackPorts;
  /** Entries that are finished except for people who wait for a summary. */
  readonly #entries = new Map<string, Entry>();
  readonly #summaries = new Summaries();

  constructor(ports: HeldBackPorts) {
    this.#ports = ports;
  }

  get entries(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }

  nextAt(): number {
    return this.#summaries.nextAt() ?? Number.POSITIVE_INFINITY;
  }

  /** Returns false when the person is no longer linked. */
  hold(userId: string, entry: Entry): boolean {
    const objectId = this.#ports.members.objectId(userId);
    if (objectId === null) return false;
    entry.held.add(userId);
    this.#summaries.hold({ userId, objectId }, entry, this.#ports.clock.now());
    return true;
  }

  /** Called when everybody else of the post is done. */
  async keep(entry: Entry): Promise<void> {
    entry.covered = "\uffff";
    entry.sent.clear();
    this.#entries.set(entry.key, entry);
    await this.#ports.outbox.save(entry);
  }

  forget(entry: Entry): void {
    this.#entries.delete(entry.key);
  }

  async sendDue(signal: AbortSignal): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (!this.#ports.isExpired(entry)) continue;
      for (const userId of entry.held) this.#summaries.settle(userId, [entry]);
      this.#entries.delete(key);
      await this.#ports.onExpired(entry);
    }
    for (const summary of this.#summaries.due(this.#ports.clock.now())) {
      for (const batch of chunks(summary.recipients, MAX_RECIPIENTS)) {
        if (signal.aborted) return;
        await this.#send(summary, batch, signal);
      }
    }
  }

  async #send(summary: Summary, batch: readonly Recipient[], signal: AbortSignal): Promise<void> {
    const { outbox, members, delivery } = this.#ports;
    const message: Message = {
      type: "summary",
      topic: "Mattermost",
      parameters: { count: String(summary.count) },
      chainId: summary.chainId,
      subPageId: `post_${summary.latestPostId}`,
    };
    const touched = new Set<Entry>();
    const settled = async (people: readonly Recipient[]) => {
      for (const { userId } of people) {
        const entries = summary.entries.get(userId) ?? [];
        this.#summaries.settle(userId, entries);
        for (const entry of entries) {
          entry.held.delete(userId);
          touched.add(entry);
        }
      }
      for (const entry of touched) {
        if (entry.held.size > 0) await outbox.save(entry);
        else if (this.#entries.delete(entry.key)) await outbox.remove(entry);
      }
    };
    const confirm = async (people: readonly Recipient[]) => {
      const unwanted = await members.unwanted(people.map((one) => one.userId));
      if (unwanted.size === 0) return people;
      await settled(people.filter((one) => unwanted.has(one.userId)));
      return people.filter((one) => !unwanted.has(one.userId));
    };
    const until = { signal, deadline: Number.POSITIVE_INFINITY };
    await delivery.send(message, batch, until, { confirm, settled });
  }

  clear(): void {
    this.#entries.clear();
    this.#summaries.clear();
  }
}
