/** Manages people who get a summary: who is waiting, which queue entries are kept for it, and its delivery. */

import { MAX_RECIPIENTS } from "../../../microsoft/graph/index.ts";
import { chunks } from "../../../platform/chunks.ts";
import type { Clock } from "../../../platform/work/pace.ts";
import type { Members } from "../members/members.ts";
import type { Audiences } from "../rules/audience.ts";
import type { Delivery, Message, Recipient } from "./delivery.ts";
import type { Entry, Outbox } from "./outbox.ts";
import { Summaries, type Summary } from "./summaries.ts";

export interface HeldBackPorts {
  readonly outbox: Outbox;
  readonly members: Pick<Members, "objectId">;
  readonly audiences: Pick<Audiences, "unwanted">;
  readonly delivery: Pick<Delivery, "send">;
  readonly clock: Clock;
  readonly enabled: () => boolean;
  readonly expiryMs: () => number;
  readonly isExpired: (entry: Entry) => boolean;
  readonly drop: (entry: Entry, because: string) => Promise<void>;
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
    for (const userId of entry.held) this.#summaries.settle(userId, [entry]);
    this.#entries.delete(entry.key);
  }

  async sendDue(signal: AbortSignal): Promise<void> {
    const { enabled, isExpired, drop } = this.#ports;
    for (const entry of [...this.#entries.values()]) {
      if (!enabled()) await drop(entry, "switched_off");
      else if (isExpired(entry)) await drop(entry, "expired");
    }
    for (const summary of this.#summaries.due(this.#ports.clock.now())) {
      for (const batch of chunks(summary.recipients, MAX_RECIPIENTS)) {
        if (signal.aborted) return;
        await this.#send(summary, batch, signal);
      }
    }
  }

  async #send(summary: Summary, batch: readonly Recipient[], signal: AbortSignal): Promise<void> {
    const { audiences, outbox, members, delivery, enabled, expiryMs, isExpired } = this.#ports;
    const posts = batch.flatMap(({ userId }) => summary.entries.get(userId) ?? []);
    const expired = posts.filter(isExpired);
    // The next summary is made without them.
    for (const { userId } of batch) this.#summaries.settle(userId, expired);
    if (expired.length > 0) return;
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
      const unwanted = enabled()
        ? await audiences.unwanted(people.map((one) => one.userId))
        : new Set(people.map((one) => one.userId));
      const wanted = people.flatMap(({ userId }) => {
        const objectId = unwanted.has(userId) ? null : members.objectId(userId);
        return objectId === null ? [] : [{ userId, objectId }];
      });
      const kept = new Set(wanted.map((one) => one.userId));
      if (kept.size < people.length) await settled(people.filter((one) => !kept.has(one.userId)));
      return wanted;
    };
    const deadline = Math.min(...posts.map((entry) => entry.at)) + expiryMs();
    const until = { signal, deadline };
    await delivery.send(message, batch, until, { confirm, settled });
  }

  clear(): void {
    this.#entries.clear();
    this.#summaries.clear();
  }
}
