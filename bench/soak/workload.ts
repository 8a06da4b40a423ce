/** Simulates a small organisation with every feature on, and its activity. Every sent message carries a token. */

import { everything, giveConsent } from "../../e2e/sandbox/consent.ts";
import type { TeamsChannel } from "../../e2e/sandbox/graph/teams.ts";
import { savePluginSettings } from "../../e2e/sandbox/mattermost/plugin-settings.ts";
import { publish } from "../../e2e/sandbox/mattermost/publish.ts";
import { login } from "../../e2e/sandbox/mattermost/sessions.ts";
import { Sandbox, type SandboxOptions } from "../../e2e/sandbox/sandbox.ts";
import type { Person } from "../../e2e/sandbox/tenant.ts";
import { httpsFront } from "../../e2e/sandbox/tls/https-front.ts";
import type { TlsServer } from "../../e2e/sandbox/tls/server.ts";
import { until } from "../../e2e/until.ts";
import type { Post, User } from "../../server/runtime/mattermost/index.ts";

/** Seconds. Every member's token is refreshed every few minutes instead of every hour. */
const TOKEN_LIFETIME = 400;

export interface Member {
  readonly user: User;
  readonly person: Person;
  readonly headers: Record<string, string>;
}

interface Link {
  readonly channelId: string;
  readonly there: TeamsChannel;
}

export class Workload {
  readonly sandbox: Sandbox;
  readonly people: Member[] = [];
  readonly links: Link[] = [];
  /** Tokens of messages, by the place where they must arrive. */
  readonly sent = {
    chat: new Set<string>(),
    here: new Set<string>(),
    there: new Set<string>(),
    card: new Set<string>(),
  };
  readonly #front: TlsServer;
  readonly #strangers: Person[] = [];
  #serial = 0;
  #signIns = 0;

  static async start(
    options: Pick<SandboxOptions, "bundlePath" | "command" | "nodes">,
    people: number,
  ): Promise<Workload> {
    const workload = new Workload(await Sandbox.start({ ...options, installed: true }));
    await workload.#settle(people);
    return workload;
  }

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    this.#front = httpsFront(sandbox);
  }

  get base(): string {
    return `${this.sandbox.siteUrl}/plugins/${this.sandbox.bundle.id}`;
  }

  close(): void {
    this.#front.close();
    this.sandbox.close();
  }

  async #settle(count: number): Promise<void> {
    const { entra, graph, registration, scene, tenant, world } = this.sandbox;
    const appId = registration?.app.appId ?? "";
    giveConsent(tenant, appId, everything);
    graph.subscriptions.retryScale = 0.05;
    graph.throttle.enabled = false;
    entra.setFaults({ delegatedTokenLifetime: TOKEN_LIFETIME });
    this.save({
      ...{ chats_enabled: true, chats_reply: true, channels_enabled: true, calendar_enabled: true },
      ...{ notification_url: this.#front.url, connected_accounts_limit: 1_000 },
    });
    for (let index = 0; index < count; index += 1) {
      const name = `member${index}`;
      const person = tenant.addPerson({ displayName: name, userPrincipalName: `${name}@harbor.example` });
      const Roles = index === 0 ? "system_admin system_user" : "system_user";
      const user = world.addUser({ Username: name, Email: `${name}@harbor.example`, Roles });
      world.joinTeam(user.Id, scene.team);
      world.setStatus(user.Id, index % 2 === 0 ? "online" : "offline");
      const { session } = login(world, user, new Request(this.sandbox.siteUrl));
      const headers = {
        Authorization: `Bearer ${session.Token}`,
        "X-Requested-With": "XMLHttpRequest",
        "Content-Type": "application/json",
      };
      this.people.push({ user, person, headers });
    }
    const [admin] = this.people;
    if (!admin) throw new Error("there is no admin");
    await until(
      async () => (await this.ask(admin, "GET", "/oauth2/connect")).status === 302,
      "connecting is possible",
      120,
    );
    const [catalogId] = tenant.catalog.keys();
    if (catalogId === undefined) throw new Error("the app is not in the catalog");
    for (const { person } of this.people) tenant.installFor(person.objectId, catalogId);
    const robot = tenant.addPerson({ displayName: "Bridge", userPrincipalName: "bridge@harbor.example" });
    for (const one of this.people) await this.#connect(one, one.person);
    await this.#connect(admin, robot, "?account=bot");
    for (const name of ["Ann", "Ben"])
      this.#strangers.push(
        tenant.addPerson({ displayName: name, userPrincipalName: `${name}@other.example` }),
      );
    for (const one of this.people)
      await this.ask(one, "PUT", "/api/v1/calendar/settings", {
        notifications: true,
        status: "dnd",
        reminders: true,
      });
    await this.#link(admin, robot);
    await until(
      () => graph.subscriptions.all.size >= count + this.links.length + 1,
      "every subscription",
      120,
    );
  }

  async #link(admin: Member, robot: Person): Promise<void> {
    const { graph, scene, world } = this.sandbox;
    for (let index = 0; index < 4; index += 1) {
      const channel = world.addChannel({
        TeamId: scene.team,
        Name: `linked${index}`,
        DisplayName: `Linked ${index}`,
        Type: "O",
      });
      for (const { user } of this.people) world.join(user.Id, channel.Id, { Roles: "channel_user" });
      const team = graph.channels.addTeam(`Team ${index}`, [
        robot,
        ...this.people.map(({ person }) => person),
      ]);
      const there = graph.channels.addChannel(team, "General");
      const command = `/msteams link ${team.id} ${there.id}`;
      const url = `${this.sandbox.siteUrl}/api/v4/commands/execute`;
      const body = JSON.stringify({ command, channel_id: channel.Id, team_id: scene.team });
      await until(
        async () => {
          await fetch(url, { method: "POST", headers: admin.headers, body });
          return world.postsIn(channel.Id).length > 0;
        },
        "the link",
        120,
      );
      this.links.push({ channelId: channel.Id, there });
    }
  }

  async #connect(one: Member, as: Person, how = ""): Promise<void> {
    const begun = await this.ask(one, "GET", `/oauth2/connect${how}`);
    const back = this.sandbox.entra.signIn(begun.headers.get("Location") ?? "", as);
    const { status } = await this.ask(one, "GET", back.slice(this.base.length));
    if (status !== 200) throw new Error(`${one.user.Username} could not connect: ${status}`);
  }

  async ask(one: Member | null, method: string, path: string, json?: unknown): Promise<Response> {
    const response = await fetch(`${this.base}${path}`, {
      ...{ method, redirect: "manual" },
      headers: one?.headers ?? { "X-Requested-With": "XMLHttpRequest", "Content-Type": "application/json" },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    if (response.status !== 302) await response.clone().arrayBuffer();
    return response;
  }

  save(settings: Record<string, unknown>): void {
    savePluginSettings(this.sandbox.world, this.sandbox.bundle.id, settings);
  }

  // ── activity ─────────────────────────────────────────────────────────────────────────────────────

  async signIn(): Promise<void> {
    const { entra, registration } = this.sandbox;
    // Members take turns: nobody may sign in more often than every five seconds for long.
    const one = this.people[this.#signIns++ % this.people.length] as Member;
    const token = registration ? entra.tabToken(registration.app, one.person) : "";
    const { status } = await this.ask(null, "POST", "/api/v1/session", { token });
    if (status !== 200) throw new Error(`sign-in: ${status}`);
  }

  async mention(): Promise<void> {
    const { scene, world } = this.sandbox;
    const [writer, reader] = [this.#any(this.people), this.#any(this.people)];
    world.join(writer.user.Id, scene.operations);
    const Message = `@${reader.user.Username} look ${this.#serial++}`;
    await publish(world, { UserId: writer.user.Id, ChannelId: scene.operations, Message });
  }

  async chat(): Promise<void> {
    const { chats } = this.sandbox.graph;
    const [from, to] = [this.#any(this.#strangers), this.#any(this.people)];
    const chat = chats.direct(from.objectId, to.person.objectId);
    await chats.write(chat, from.objectId, `<p>${this.#token("chat")} hello</p>`);
  }

  async fromTeams(): Promise<void> {
    const { there } = this.#any(this.links);
    const by = this.#any(this.people).person;
    this.sandbox.graph.channels.say(there, by, { html: `<p>${this.#token("here")} hello</p>` });
  }

  async toTeams(): Promise<void> {
    const { channelId } = this.#any(this.links);
    const by = this.#any(this.people).user;
    await publish(this.sandbox.world, {
      ...{ UserId: by.Id, ChannelId: channelId, Message: `${this.#token("there")} hello` },
    });
  }

  async invite(): Promise<void> {
    const { graph } = this.sandbox;
    const { person } = this.#any(this.people);
    const from = Date.now() + (24 + Math.random() * 100) * 3_600_000;
    const event = graph.calendars.add(person.objectId, from, from + 1_800_000, {
      ...{ subject: this.#token("card"), responseStatus: { response: "notResponded" } },
      createdDateTime: new Date().toISOString(),
    });
    await graph.subscriptions.notify({
      resource: `Users/${person.objectId}/Events/${event.id}`,
      changeType: "created",
      data: { ...event, "@odata.etag": `W/"${event.changeKey}"` },
    });
  }

  async reauthorize(): Promise<void> {
    const { subscriptions } = this.sandbox.graph;
    await subscriptions.lifecycle(this.#any([...subscriptions.all.keys()]), "reauthorizationRequired");
  }

  async changeSettings(): Promise<void> {
    this.save({ chats_max_file_size_mb: 5 + (this.#serial++ % 20) });
  }

  async look(): Promise<void> {
    const [admin] = this.people;
    for (const path of ["/api/v1/admin/changes", "/api/v1/admin/connections", "/api/v1/calendar/settings"])
      await this.ask(admin ?? null, "GET", path);
    await (await this.sandbox.mattermost.metrics()).text();
  }

  /** Activities in Teams, and the posts that still wait to become one. */
  async activities(): Promise<{ readonly delivered: number; readonly waiting: number }> {
    const metrics = await (await this.sandbox.mattermost.metrics()).text();
    const waiting = /^mission_collaboration_notifications_waiting_posts (\d+)/m.exec(metrics)?.[1] ?? 0;
    return { delivered: this.sandbox.tenant.activities.length, waiting: Number(waiting) };
  }

  #token(kind: keyof Workload["sent"]): string {
    const token = `${kind}${this.#serial++}x`;
    this.sent[kind].add(token);
    return token;
  }

  #any<T>(list: readonly T[]): T {
    const one = list[Math.floor(Math.random() * list.length)];
    if (one === undefined) throw new Error("the list is empty");
    return one;
  }

  // ── results ────────────────────────────────────────────────────────────────────────────────

  /** Lists the tokens that did not arrive, and those that arrived more than once. */
  arrivals(): { readonly lost: string[]; readonly twice: string[] } {
    const posts: readonly Post[] = [...this.sandbox.world.posts.values()].filter(
      ({ DeleteAt }) => DeleteAt === 0,
    );
    const here = new Map<string, number>();
    const there = new Map<string, number>();
    const count = (of: Map<string, number>, text: string) => {
      for (const [token] of text.matchAll(/\b(chat|here|there|card)\d+x\b/g))
        of.set(token, (of.get(token) ?? 0) + 1);
    };
    for (const { Message, Props } of posts) {
      const cards = JSON.stringify(Props.attachments ?? "");
      count(here, [...new Set(`${Message} ${cards}`.match(/\b(chat|here|card)\d+x\b/g) ?? [])].join(" "));
    }
    for (const one of this.links)
      for (const { body } of this.sandbox.graph.channels.visible(one.there)) count(there, body.content);
    const lost: string[] = [];
    const twice: string[] = [];
    for (const kind of ["chat", "here", "card", "there"] as const)
      for (const token of this.sent[kind]) {
        const seen = (kind === "there" ? there : here).get(token) ?? 0;
        if (seen === 0) lost.push(token);
        // An event may have more than one card.
        if (seen > 1 && kind !== "card") twice.push(token);
      }
    return { lost, twice };
  }
}
