/**
 * Simulates nine o'clock: people sign in, write in Teams and in linked channels, get their summary and have a
 * meeting.
 */

import type { SentChange } from "../../e2e/sandbox/graph/changes.ts";
import { quantiles } from "../process.ts";
import { ADDRESS_HEADER, SITE, type Stage, TOWN_SQUARE } from "./stage.ts";

export interface Load {
  readonly signIns: number;
  readonly chats: number;
  /** Half of them in each direction. */
  readonly linked: number;
  readonly mentions: number;
  /** Duration of the load in seconds. */
  readonly seconds: number;
}

export interface Row {
  readonly name: string;
  readonly value: string;
}

interface HostPost {
  readonly Id: string;
  readonly UserId: string;
  readonly Message: string;
  readonly CreateAt?: number;
  readonly DeleteAt?: number;
  readonly Props?: Readonly<Record<string, unknown>>;
}

const SETTLE_S = 90;

export class Morning {
  readonly #stage: Stage;
  readonly #load: Load;
  readonly #sent = new Map<string, number>();
  readonly #inTeams = new Map<string, number[]>();
  readonly #activities: number;
  readonly #bodies: string[] = [];
  #serial = 0;

  constructor(stage: Stage, load: Load) {
    this.#stage = stage;
    this.#load = load;
    this.#activities = stage.tenant.activities.length;
    const { channels } = stage.graph;
    const deliver = channels.onChange;
    channels.onChange = (change: SentChange) => {
      const text = (change.data.body as { content?: string } | undefined)?.content ?? "";
      const token = /out\d+x/.exec(text)?.[0];
      if (token && change.changeType === "created")
        this.#inTeams.set(token, [...(this.#inTeams.get(token) ?? []), Date.now()]);
      deliver(change);
    };
  }

  /**
   * Signs the tokens of the people who will sign in: this takes seconds of processor time that the morning does not
   * have.
   */
  async prepare(): Promise<void> {
    const { app, entra, members } = this.#stage;
    for (let index = 0; index < this.#load.signIns; index += 1) {
      const member = members[index % members.length];
      if (member) this.#bodies.push(JSON.stringify({ token: entra.tabToken(app, member.person) }));
      if (index % 20 === 0) await Bun.sleep(1);
    }
  }

  async run(): Promise<Row[]> {
    const { mentions, signIns } = this.#load;
    const before = ((await this.#stage.host.do<HostPost[] | null>("posts", { times: 0 })) ?? []).length;
    const [signedIn] = await Promise.all([
      this.#signIns(signIns),
      this.#chats(),
      this.#linked(),
      this.#mentions(mentions),
    ]);
    const posts = await this.#settled(before);
    const chats = this.#arrivals("chat", posts);
    const into = this.#arrivals("in", posts);
    const out = this.#arrivalsInTeams();
    return [
      {
        name: `sign-ins (${signIns}): p50 / p99; refused`,
        value: `${quantiles(signedIn.times)}; ${signedIn.refused}`,
      },
      { name: `chat messages (${this.#load.chats}): p50 / p99; lost; twice`, value: chats },
      { name: `Teams to a linked channel (${this.#load.linked / 2}): p50 / p99; lost; twice`, value: into },
      { name: `linked channel to Teams (${this.#load.linked / 2}): p50 / p99; lost; twice`, value: out },
    ];
  }

  /** Answers to Microsoft's POSTs, by status. */
  answered(): Row {
    const counts = new Map<number, number>();
    for (const { statuses } of this.#stage.graph.subscriptions.deliveries)
      for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
    const value = [...counts].map(([status, count]) => `${status}: ${count}`).join(", ");
    return { name: "answers to change notifications by status (0: none in 10 s)", value };
  }

  /** Mentions become activities at Microsoft's rate of two requests per second, so this counts some time later. */
  activities(): Row {
    const count = this.#stage.tenant.activities.length - this.#activities;
    return { name: `mentions (${this.#load.mentions}): activities in Teams`, value: String(count) };
  }

  /** Spreads the calls evenly over the time of the load. */
  async #over(count: number, one: (index: number) => Promise<void>): Promise<void> {
    const started = performance.now();
    const running: Promise<void>[] = [];
    for (let index = 0; index < count; index += 1) {
      const due = (index / count) * this.#load.seconds * 1_000;
      const wait = started + due - performance.now();
      if (wait > 1) await Bun.sleep(wait);
      running.push(one(index));
    }
    // A delivery that Microsoft must repeat continues by itself.
    await Promise.race([Promise.all(running), Bun.sleep(30_000)]);
  }

  #token(kind: "chat" | "in" | "out"): string {
    this.#serial += 1;
    const token = `${kind}${this.#serial}x`;
    this.#sent.set(token, Date.now());
    return token;
  }

  async #signIns(count: number): Promise<{ times: number[]; refused: number }> {
    const { host } = this.#stage;
    const times: number[] = [];
    let refused = 0;
    await this.#over(count, async (index) => {
      const started = performance.now();
      const response = await host.fetch("/api/v1/session", {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-Requested-With": "XMLHttpRequest",
          Origin: SITE,
          "Sec-Fetch-Site": "same-origin",
          [ADDRESS_HEADER]: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
        },
        body: this.#bodies[index] ?? "",
      });
      await response.arrayBuffer();
      if (response.ok) times.push(performance.now() - started);
      else refused += 1;
    });
    return { times, refused };
  }

  async #chats(): Promise<void> {
    const { graph, members, tenant } = this.#stage;
    const ben = tenant.addPerson({ displayName: "Ben Baker", userPrincipalName: "ben@example.com" });
    await this.#over(this.#load.chats, async (index) => {
      const member = members[(index * 7) % members.length];
      if (!member) return;
      const chat = graph.chats.direct(ben.objectId, member.person.objectId);
      await graph.chats.write(chat, ben.objectId, `<p>${this.#token("chat")} good <b>morning</b></p>`);
    });
  }

  async #linked(): Promise<void> {
    const { graph, host, pairs } = this.#stage;
    await this.#over(this.#load.linked, async (index) => {
      const pair = pairs[(index >> 1) % pairs.length];
      const member = pair?.members[index % pair.members.length];
      if (!pair || !member) return;
      if (index % 2 === 0)
        graph.channels.say(pair.there, member.person, { html: `<p>${this.#token("in")} hello</p>` });
      else
        await host.api("CreatePost", {
          ...{ UserId: member.userId, ChannelId: pair.channelId, Message: `${this.#token("out")} hello` },
        });
    });
  }

  async #mentions(count: number): Promise<void> {
    const { host, members } = this.#stage;
    const readers = members.slice(members.length / 2);
    await this.#over(count, async (index) => {
      const [writer, reader] = [members[index % 10], readers[index % readers.length]];
      await host.api("CreatePost", {
        ...{ UserId: writer?.userId, ChannelId: TOWN_SQUARE, Message: `@${reader?.username} look` },
      });
    });
  }

  /** Waits until everything arrived, or nothing more came for a while. */
  async #settled(before: number): Promise<HostPost[]> {
    const { host } = this.#stage;
    let seen = -1;
    let quietSince = performance.now();
    for (const end = performance.now() + SETTLE_S * 1_000; performance.now() < end; await Bun.sleep(1_000)) {
      const { CreatePost = 0 } = await host.do<Record<string, number>>("counts");
      const arrived = CreatePost + this.#inTeams.size;
      if (arrived !== seen) quietSince = performance.now();
      seen = arrived;
      if (performance.now() - quietSince > 8_000) break;
    }
    return host.do<HostPost[]>("posts", { times: before });
  }

  #arrivals(kind: "chat" | "in", posts: readonly HostPost[]): string {
    const found = new Map<string, number[]>();
    for (const { CreateAt = 0, Message } of posts) {
      const token = new RegExp(`${kind}\\d+x`).exec(Message)?.[0];
      if (token) found.set(token, [...(found.get(token) ?? []), CreateAt]);
    }
    return this.#compare(kind, found);
  }

  #arrivalsInTeams(): string {
    return this.#compare("out", this.#inTeams);
  }

  #compare(kind: string, found: ReadonlyMap<string, readonly number[]>): string {
    const times: number[] = [];
    let lost = 0;
    let twice = 0;
    for (const [token, at] of this.#sent) {
      if (!token.startsWith(kind)) continue;
      const seen = found.get(token) ?? [];
      if (seen.length === 0) lost += 1;
      if (seen.length > 1) twice += 1;
      if (seen[0] !== undefined) times.push(seen[0] - at);
    }
    return `${quantiles(times)}; ${lost}; ${twice}`;
  }
}
