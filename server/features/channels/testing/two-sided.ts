/**
 * Five people at random on both sides of a link, while Teams' notifications come late, twice, in another order or not
 * at all, Graph throttles, fails and loses answers, and processes die. At the end both sides hold the same conversation.
 */

import type { SentChange } from "../../../../e2e/sandbox/graph/subscriptions.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { wishOf } from "../changes.ts";
import type { ChannelLink } from "../link-store.ts";
import { type ChannelsNode, ChannelsWorld, type TestPerson } from "./channels-world.ts";
import { bury, type Life, mortal } from "./mortal.ts";

export interface TwoSidedReport {
  /** Empty where both sides agree. */
  readonly differences: readonly string[];
  readonly actions: readonly string[];
  readonly kills: number;
  readonly messages: number;
  /** For whoever looks for the reason of a difference: calls with the actions between them, and both sides. */
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
  #tokens = 0;
  #link: ChannelLink | null = null;
  #faults = true;
  readonly #held: SentChange[] = [];

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  async all(steps: number): Promise<TwoSidedReport> {
    const w = this.#w;
    w.deliver = (change) => void this.#held.push(change);
    const dora = w.both("dora");
    const ann = w.mattermostPerson("ann");
    const ben = w.teamsPerson("ben");
    const gus = w.teamsPerson("gus", { guest: true });
    this.#start();
    if (this.#chance(0.5)) this.#start();
    this.#link = await w.link();
    w.intercept = (method) => (method === "GET" ? this.#trouble(0.03) : this.#trouble(0.1));
    w.lose = (method) => this.#faults && method !== "GET" && this.#chance(0.06);
    for (let step = 0; step < steps; step += 1) {
      await this.#act([w.admin, dora], ann, [ben, gus]);
      if (this.#chance(0.5)) await this.#deliver();
      if (this.#chance(0.08)) this.#arm();
      await w.clock.pass(this.#chance(0.2) ? 5_000 : 150);
      await this.#replaceDead();
    }
    await this.#heal();
    const differences = this.#compare();
    const trace = differences.length > 0 ? [...w.calls, ...(await this.#bothSides())] : [];
    return { differences, actions: this.#actions, kills: this.#kills, messages: w.messages.length, trace };
  }

  stop(): Promise<void> {
    return this.#w.stop();
  }

  #chance = (of: number) => this.#random() < of;
  #pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(this.#random() * list.length)];
  #token = () => {
    this.#tokens += 1;
    return `word${this.#tokens}x`;
  };

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

  /** The next of its steps is its last. */
  #arm(): void {
    const node = this.#pick(this.#alive());
    const life = node && this.#lives.get(node);
    if (life) life.left = Math.floor(this.#random() * 12);
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

  // ── what people do ─────────────────────────────────────────────────────────────────────────────────

  async #act(
    both: readonly TestPerson[],
    ann: TestPerson["user"],
    teamsOnly: readonly TestPerson["person"][],
  ): Promise<void> {
    const w = this.#w;
    const { posts } = w;
    const live = w.messages;
    const writer = this.#pick([...both.map(({ user }) => user), ann]) as TestPerson["user"];
    const talker = this.#pick([...both.map(({ person }) => person), ...teamsOnly]) as TestPerson["person"];
    const own = this.#pick(posts.filter(({ UserId }) => UserId === writer.Id));
    const said = this.#pick(
      live.filter(({ from }) => (from as { user?: { id?: string } }).user?.id === talker.objectId),
    );
    const token = this.#token();
    const kind = Math.floor(this.#random() * 12);
    if (kind <= 2) {
      const root = this.#chance(0.5) ? this.#pick(posts) : undefined;
      this.#note(`${writer.Username} posts ${token}${root ? ` under ${tokenOf(root.Message)}` : ""}`);
      await w.post(writer, token, root ? { RootId: root.RootId || root.Id } : {}).catch(() => {});
    } else if (kind <= 5) {
      const root = this.#chance(0.5) ? this.#pick(live) : undefined;
      const replyTo = root?.replyToId ?? root?.id;
      this.#note(`${talker.displayName} says ${token}${root ? ` under ${tokenOf(root.body.content)}` : ""}`);
      w.channels.say(w.teamsChannel, talker, { html: `<p>${token}</p>`, ...(replyTo ? { replyTo } : {}) });
    } else if (kind === 6 && own) {
      this.#note(`${writer.Username} edits ${tokenOf(own.Message)} to ${token}`);
      w.edit(own, token);
    } else if (kind === 7 && said) {
      this.#note(`${talker.displayName} edits ${tokenOf(said.body.content)} to ${token}`);
      w.channels.edit(w.teamsChannel, said.id, { html: `<p>${token}</p>` });
    } else if (kind === 8 && own && this.#isLeaf(own)) {
      this.#note(`${writer.Username} deletes ${tokenOf(own.Message)}`);
      w.remove(own);
    } else if (kind === 9 && said && !live.some(({ replyToId }) => replyToId === said.id)) {
      this.#note(`${talker.displayName} deletes ${tokenOf(said.body.content)}`);
      w.channels.remove(w.teamsChannel, said.id);
    } else if (kind === 10) {
      const post = this.#pick(posts);
      const person = this.#pick(both)?.user;
      const emoji = this.#pick(["+1", "tada"]) ?? "+1";
      const on = this.#chance(0.6);
      if (!post || !person) return;
      this.#note(`${person.Username} ${on ? "sets" : "takes"} ${emoji} on ${tokenOf(post.Message)}`);
      w.react(person, post, emoji, on);
    } else if (kind === 11) {
      const message = this.#pick(live);
      const emoji = this.#pick(["👍", "🎉"]) ?? "👍";
      const on = this.#chance(0.6);
      if (!message) return;
      this.#note(
        `${talker.displayName} ${on ? "sets" : "takes"} ${emoji} on ${tokenOf(message.body.content)}`,
      );
      w.channels.react(w.teamsChannel, message.id, talker, emoji, on);
    }
  }

  #isLeaf(post: Post): boolean {
    return !this.#w.posts.some(({ RootId }) => RootId === post.Id);
  }

  // ── what Microsoft reports ─────────────────────────────────────────────────────────────────────────

  async #deliver(): Promise<void> {
    if (this.#chance(0.2)) this.#held.sort(() => this.#random() - 0.5);
    const count = Math.ceil(this.#random() * this.#held.length);
    for (const change of this.#held.splice(0, count)) {
      if (this.#chance(0.05)) continue;
      if (this.#chance(0.1)) this.#held.push(change);
      const node = this.#pick(this.#alive());
      // What is not acknowledged comes again.
      await this.#w.report(change, node).catch(() => void this.#held.push(change));
    }
  }

  /** Everything works again, and gaps are filled. */
  async #heal(): Promise<void> {
    const w = this.#w;
    this.#faults = false;
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

  // ── the same conversation ──────────────────────────────────────────────────────────────────────────

  #compare(): string[] {
    const w = this.#w;
    const differences: string[] = [];
    const here = new Map<string, Post>();
    const there = new Map<string, (typeof w.messages)[number]>();
    for (const post of w.posts) {
      if (here.has(tokenOf(post.Message))) differences.push(`twice in Mattermost: ${tokenOf(post.Message)}`);
      here.set(tokenOf(post.Message), post);
    }
    for (const message of w.messages) {
      if (there.has(tokenOf(message.body.content)))
        differences.push(`twice in Teams: ${tokenOf(message.body.content)}`);
      there.set(tokenOf(message.body.content), message);
    }
    for (const token of here.keys())
      if (!there.has(token))
        differences.push(
          `not in Teams: ${token} (${here.get(token)?.Props.teams_message_id ?? here.get(token)?.Id})`,
        );
    for (const token of there.keys())
      if (!here.has(token) && !this.#wentWithRoot(token))
        differences.push(`not in Mattermost: ${token} (${there.get(token)?.id})`);
    for (const [token, post] of here) {
      const message = there.get(token);
      if (!message) continue;
      const rootHere = tokenOf(w.mattermost.posts.get(post.RootId)?.Message ?? "");
      const rootThere = tokenOf(w.teamsChannel.messages.get(message.replyToId ?? "")?.body.content ?? "");
      // A root that was deleted on the way took the thread with it, and what is left of it stands where it can.
      const broken = (root: string) =>
        root !== "" && (!here.has(root) || !there.has(root) || there.get(root)?.replyToId !== null);
      if (rootHere !== rootThere && !broken(rootHere) && !broken(rootThere))
        differences.push(`another thread: ${token} under ${rootHere} and ${rootThere}`);
      const reactions = this.#reactionsOf(post, message);
      if (reactions) differences.push(`other reactions on ${token}: ${reactions}`);
    }
    const states = [...this.#alive()].map(({ engine }) => engine.queue.state);
    if (states.some(({ waiting, parked }) => waiting + parked > 0))
      differences.push(`left in the queue: ${JSON.stringify(states)}`);
    return differences;
  }

  /** The server deleted it with its root, which was deleted in Teams, where replies stay. */
  #wentWithRoot(token: string): boolean {
    const { posts } = this.#w.mattermost;
    return [...posts.values()].some(
      (post) =>
        post.DeleteAt > 0 &&
        tokenOf(post.Message) === token &&
        posts.get(post.RootId)?.DeleteAt === post.DeleteAt,
    );
  }

  /** People with accounts on both sides have theirs on both; of all others the bot has one of each here. */
  #reactionsOf(
    post: Post,
    message: {
      readonly reactions: readonly { reactionType: string; user: { user: { id: string } } | null }[];
    },
  ): string | null {
    const w = this.#w;
    const names: Record<string, string> = { "+1": "👍", tada: "🎉" };
    const owner = (objectId: string | undefined) => w.accountOf(objectId ?? "") ?? "bot";
    const inHere = (w.mattermost.reactions.get(post.Id) ?? []).map(
      ({ UserId, EmojiName }) => `${w.isBot(UserId) ? "bot" : UserId} ${names[EmojiName]}`,
    );
    const inThere = message.reactions.map((one) => `${owner(one.user?.user.id)} ${one.reactionType}`);
    const [mine, theirs] = [[...new Set(inHere)].sort().join(), [...new Set(inThere)].sort().join()];
    return mine === theirs ? null : `${mine} / ${theirs}`;
  }
}

/** The last one: before it may be what the message answers to. */
const tokenOf = (text: string) => text.match(/word\d+x/g)?.at(-1) ?? "";
