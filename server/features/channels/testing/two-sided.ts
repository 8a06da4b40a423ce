/**
 * Runs random actions of five people on both sides of a link, with files, reactions, deletions and archived channels,
 * while Teams' notifications come late, twice, out of order or not at all, Graph throttles, fails and loses answers,
 * and nodes join, leave and die. At the end both sides must hold the same conversation.
 */

import type { SentChange } from "../../../../e2e/sandbox/graph/changes.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { wishOf } from "../to-mattermost/changes.ts";
import { type ChannelsNode, ChannelsWorld } from "./channels-world.ts";
import { bury, type Life, mortal } from "./mortal.ts";
import { differencesOf } from "./two-sided-compare.ts";
import { RandomPeople } from "./two-sided-people.ts";

export interface TwoSidedReport {
  /** Empty when both sides agree. */
  readonly differences: readonly string[];
  readonly actions: readonly string[];
  readonly kills: number;
  readonly messages: number;
  /** For finding the cause of a difference: calls with the actions between them, and both sides. */
  readonly trace: readonly string[];
}

/** mulberry32: the same actions for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

export async function twoSided(seed: number, steps = 40): Promise<TwoSidedReport> {
  const run = new Run(seed);
  try {
    return await run.all(steps);
  } finally {
    await run.stop();
  }
}

class Run {
  readonly #w = new ChannelsWorld();
  readonly #random: () => number;
  readonly #actions: string[] = [];
  readonly #lives = new Map<ChannelsNode, Life>();
  #kills = 0;
  #link: ChannelLink | null = null;
  #faults = true;
  readonly #held: SentChange[] = [];
  readonly #people: RandomPeople;

  constructor(seed: number) {
    this.#random = randomOf(seed);
    const note = (action: string) => this.#note(action);
    this.#people = new RandomPeople(this.#w, { random: this.#random, note });
  }

  async all(steps: number): Promise<TwoSidedReport> {
    const w = this.#w;
    w.deliver = (change) => void this.#held.push(change);
    this.#start();
    if (this.#chance(0.5)) this.#start();
    this.#link = await w.link();
    w.intercept = (method) => (method === "GET" ? this.#trouble(0.03) : this.#trouble(0.1));
    w.lose = (method) => this.#faults && method !== "GET" && this.#chance(0.06);
    for (let step = 0; step < steps; step += 1) {
      await this.#people.act();
      if (this.#chance(0.5)) await this.#deliver();
      if (this.#chance(0.08)) this.#arm();
      if (this.#chance(0.04)) await this.#changeNodes();
      await w.clock.pass(this.#chance(0.2) ? 5_000 : 150);
      await this.#replaceDead();
    }
    await this.#heal();
    const compare = () => [...differencesOf(w, this.#people), ...this.#leftOver()];
    let differences = compare();
    // Request bodies are read independently of the fake clock; on a busy machine that takes longer.
    for (let wait = 0; wait < 3 && differences.length > 0; wait += 1) {
      await Bun.sleep(20);
      await this.#heal();
      differences = compare();
    }
    const trace = differences.length > 0 ? [...w.calls, ...(await this.#bothSides())] : [];
    return { differences, actions: this.#actions, kills: this.#kills, messages: w.messages.length, trace };
  }

  stop(): Promise<void> {
    return this.#w.stop();
  }

  #chance = (of: number) => this.#random() < of;
  #pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(this.#random() * list.length)];

  #trouble(of: number): Response | null {
    if (!this.#faults || !this.#chance(of)) return null;
    return this.#chance(0.5)
      ? Response.json(
          { error: { code: "TooManyRequests" } },
          { status: 429, headers: { "Retry-After": "3" } },
        )
      : Response.json({ error: { code: "ServiceUnavailable" } }, { status: 503 });
  }

  #note(action: string): void {
    this.#actions.push(action);
    this.#w.calls.push(`── ${action}`);
  }

  async #bothSides(): Promise<string[]> {
    const w = this.#w;
    const pairs = new TextDecoder();
    const stored = [...w.store.values].filter(([key]) => key.startsWith("channels.pair."));
    return [
      ...[...w.mattermost.posts.values()].map((one) =>
        [`post ${one.Id}`, one.Message, `root ${one.RootId}`, `deleted ${one.DeleteAt}`].join(" | "),
      ),
      ...[...w.teamsChannel.messages.values()].map((one) =>
        [
          `message ${one.id}`,
          one.body.content,
          `root ${one.replyToId}`,
          `deleted ${one.deletedDateTime}`,
        ].join(" | "),
      ),
      ...stored.map(([key, value]) => `${key} ${pairs.decode(value as never)}`),
    ];
  }

  // ── processes ──────────────────────────────────────────────────────────────────────────────────────

  #start(): ChannelsNode {
    const { node, life } = mortal(this.#w);
    this.#lives.set(node, life);
    return node;
  }

  /** Makes one of a node's next steps its last. */
  #arm(): void {
    const node = this.#pick(this.#alive());
    const life = node && this.#lives.get(node);
    if (life) life.left = Math.floor(this.#random() * 12);
  }

  /** A node joins the cluster, or leaves it regularly. */
  async #changeNodes(): Promise<void> {
    const alive = this.#alive();
    const [first] = alive;
    if (alive.length < 2 || !first) {
      this.#note(`${this.#start().name} joined`);
      return;
    }
    this.#note(`${first.name} was stopped`);
    this.#w.unhook(first.name);
    const stopped = first.engine.stop();
    await this.#w.clock.pass(1_000);
    await stopped;
    this.#lives.delete(first);
    this.#w.nodes.splice(this.#w.nodes.indexOf(first), 1);
  }

  #leftOver(): string[] {
    const states = this.#alive().map(({ engine }) => engine.queue.state);
    const isEmpty = states.every(({ waiting, parked }) => waiting + parked === 0);
    return isEmpty ? [] : [`left in the queue: ${JSON.stringify(states)}`];
  }

  #alive(): ChannelsNode[] {
    return [...this.#lives].flatMap(([node, life]) => (life.dead ? [] : [node]));
  }

  async #replaceDead(): Promise<void> {
    const w = this.#w;
    for (const [node, life] of this.#lives) {
      if (!life.dead) continue;
      this.#kills += 1;
      this.#note(`${node.name} died`);
      this.#lives.delete(node);
      await bury(w, node);
      if (this.#alive().length === 0) this.#start();
    }
  }

  // ── what Microsoft reports ─────────────────────────────────────────────────────────────────────────

  async #deliver(): Promise<void> {
    if (this.#chance(0.2)) this.#held.sort(() => this.#random() - 0.5);
    const count = Math.ceil(this.#random() * this.#held.length);
    for (const change of this.#held.splice(0, count)) {
      if (this.#chance(0.05)) continue;
      if (this.#chance(0.1)) this.#held.push(change);
      const node = this.#pick(this.#alive());
      // Microsoft sends a change again until it is acknowledged.
      await this.#w.report(change, node).catch(() => void this.#held.push(change));
    }
  }

  /** Makes everything work again, and fills gaps. */
  async #heal(): Promise<void> {
    const w = this.#w;
    this.#faults = false;
    this.#people.heal();
    for (const life of this.#lives.values()) if (!life.dead) life.left = Number.POSITIVE_INFINITY;
    await this.#replaceDead();
    const [node] = this.#alive();
    if (!node || !this.#link) throw new Error("nobody is alive");
    for (let round = 0; round < 4; round += 1) {
      for (const change of this.#held.splice(0)) await w.report(change, node);
      await w.clock.pass(200_000);
      const gap = { from: 0, to: w.clock.now() };
      await node.engine.listener.fillGap(wishOf(this.#link), gap, {
        signal: new AbortController().signal,
        turn: async () => true,
      });
      await w.clock.pass(200_000);
    }
  }
}
