/**
 * Sends one post's activity to some of its people: the decision, the rate limit per person, and batches with the same
 * text.
 */

import { MAX_RECIPIENTS } from "../../../microsoft/graph/index.ts";
import { chunks } from "../../../platform/chunks.ts";
import { type Clock, PersonPace } from "../../../platform/work/pace.ts";
import { steady } from "../../../platform/work/steady.ts";
import type { ActivityMetrics } from "../metrics.ts";
import type { Audiences, PostRecipient } from "../rules/audience.ts";
import { DeliveredPeople } from "./delivered.ts";
import type { Delivery, Message, Until } from "./delivery.ts";
import type { HeldBack } from "./held-back.ts";
import type { Entry, Outbox } from "./outbox.ts";
import type { Plan, WaitingPosts, Work } from "./waiting-posts.ts";

export interface SenderPorts {
  readonly outbox: Outbox;
  readonly audiences: Audiences;
  readonly delivery: Delivery;
  readonly metrics: ActivityMetrics;
  readonly waiting: WaitingPosts;
  readonly heldBack: HeldBack;
  readonly enabled: () => boolean;
  readonly expiryMs: () => number;
  readonly clock: Clock;
}

export interface How {
  /** True when these are the last people of the post. */
  readonly isLast: boolean;
  readonly signal: AbortSignal;
  /** Called between two requests; returns true to leave the remaining recipients for later. */
  readonly makeWay?: () => boolean;
}

/** `stopped`: this node must stop delivering, or the post is too old. */
export type Outcome = "done" | "interrupted" | "stopped";

export class Sender {
  readonly #ports: SenderPorts;
  readonly #steady: Clock;
  readonly #pace = new PersonPace();
  readonly #delivered = new DeliveredPeople();
  #lastDelivered: number | null = null;

  constructor(ports: SenderPorts) {
    this.#ports = ports;
    this.#steady = steady(ports.clock);
  }

  get lastDeliveredAt(): number | null {
    return this.#lastDelivered;
  }

  /** Decides about these people and sends them their activity. */
  async send(work: Work, plan: Plan, people: readonly string[], how: How): Promise<Outcome> {
    const { entry } = work;
    const undecided = people.filter(
      (userId) => !entry.sent.has(userId) && !entry.held.has(userId) && !this.#delivered.has(entry, userId),
    );
    const recipients = await this.#ports.audiences.decide(
      plan.audience,
      undecided,
      this.#skipped,
      entry.pushedTo,
    );
    return this.#sendTo(entry, plan, recipients, how);
  }

  /** The person gets a summary instead. */
  hold(userId: string, entry: Entry): void {
    if (this.#ports.heldBack.hold(userId, entry)) this.#delivered.add(entry, userId);
  }

  /** Drops people whose rate no longer matters, and posts that have expired. */
  sweep(): void {
    const { clock, expiryMs } = this.#ports;
    this.#pace.sweep(this.#steady.now());
    this.#delivered.forgetBefore(clock.now() - expiryMs());
  }

  /** Called when another node delivers now. */
  clear(): void {
    this.#delivered.clear();
  }

  readonly #skipped = (because: string): void => this.#ports.metrics.skipped(because);

  async #sendTo(entry: Entry, plan: Plan, recipients: readonly PostRecipient[], how: How): Promise<Outcome> {
    const { delivery, audiences } = this.#ports;
    const { isLast, signal, makeWay } = how;
    /** People whose profile changed between the decision and the request, so that they need another text. */
    const otherwise: PostRecipient[] = [];
    const confirm = async (batch: readonly PostRecipient[]): Promise<readonly PostRecipient[]> => {
      // The batch may have waited for an hour.
      if (!this.#ports.enabled()) return [];
      const open = batch.filter((one) => !this.#delivered.has(entry, one.userId));
      const answer = await audiences.confirm(plan.audience, open, this.#skipped, entry.pushedTo);
      otherwise.push(...answer.otherwise);
      return answer.keep;
    };
    const batches = this.#batches(entry, plan, recipients);
    const until: Until = { signal, deadline: entry.at + this.#ports.expiryMs() };
    for (const [index, { message, batch }] of batches.entries()) {
      if (index > 0 && makeWay?.()) return "interrupted";
      const settled = async (people: readonly PostRecipient[]) => {
        // The very last progress is recorded by removing the entry.
        const last = isLast && index === batches.length - 1 && people.at(-1) === batch.at(-1);
        await this.#settled(entry, people, !last || otherwise.length > 0);
      };
      if ((await delivery.send(message, batch, until, { confirm, settled })) === "stopped") return "stopped";
    }
    return otherwise.length > 0 ? this.#sendTo(entry, plan, otherwise, { isLast, signal }) : "done";
  }

  /** People with the same text share a request. */
  #batches(
    entry: Entry,
    plan: Plan,
    recipients: readonly PostRecipient[],
  ): { message: Message; batch: PostRecipient[] }[] {
    const { delivery } = this.#ports;
    const groups = new Map<string, { message: Message; recipients: PostRecipient[] }>();
    for (const one of recipients) {
      if (!delivery.reachable(one.userId)) this.#skipped("unreachable");
      else if (!this.#pace.allows(one.userId, this.#steady.now())) this.hold(one.userId, entry);
      else {
        const message = plan.words(one);
        const key = JSON.stringify(message);
        const group = groups.get(key) ?? { message, recipients: [] };
        group.recipients.push(one);
        groups.set(key, group);
      }
    }
    return [...groups.values()].flatMap(({ message, recipients }) =>
      chunks(recipients, MAX_RECIPIENTS).map((batch) => ({ message, batch })),
    );
  }

  /** Called when Microsoft has accepted the request for these people. */
  async #settled(entry: Entry, people: readonly PostRecipient[], save: boolean): Promise<void> {
    const { clock, metrics, outbox, waiting } = this.#ports;
    const now = clock.now();
    this.#lastDelivered = now;
    for (const one of people) {
      entry.sent.add(one.userId);
      this.#delivered.add(entry, one.userId);
      this.#pace.delivered(one.userId, this.#steady.now());
    }
    metrics.deliveredAfter((now - entry.at) / 1000);
    if (!entry.pushedTo) await waiting.takeFromPushed(entry.postId, people);
    if (save) await outbox.save(entry);
  }
}
