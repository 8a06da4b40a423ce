/**
 * Runs a day with every feature on, in the built executable between the stand-ins: people sign in, connect, write in
 * chats and linked channels, get invited, get refused, and leave. All planted texts carry a mark, so that a test can
 * look where they went.
 */

import type { Post } from "../../server/runtime/mattermost/index.ts";
import { builtBundle } from "../built-bundle.ts";
import { everything, giveConsent } from "../sandbox/consent.ts";
import { savePluginSettings } from "../sandbox/mattermost/plugin-settings.ts";
import { publish } from "../sandbox/mattermost/publish.ts";
import { login } from "../sandbox/mattermost/sessions.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import type { Person } from "../sandbox/tenant.ts";
import { httpsFront } from "../sandbox/tls/https-front.ts";
import type { TlsServer } from "../sandbox/tls/server.ts";

import { until } from "../until.ts";

const MINUTE = 60_000;

/** Texts of people. Each is one word, so that nothing splits it. */
export const marks = {
  chat: "qmarkchatq",
  chatEdited: "qmarkchateditq",
  chatReply: "qmarkchatreplyq",
  chatFile: "qmarkchatfileq",
  fromTeams: "qmarkfromteamsq",
  toTeams: "qmarktoteamsq",
  toTeamsEdited: "qmarktoteamseditq",
  mention: "qmarkmentionq",
  event: "qmarkeventq",
  privateEvent: "qmarkprivateq",
  eventBody: "qmarkbodyq",
  refusal: "qmarkrefusalq",
} as const;
export type Mark = keyof typeof marks;

export interface ApiCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface Answer {
  readonly who: string;
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

interface Actor {
  readonly name: string;
  readonly person: Person;
  readonly userId: string;
  readonly token: string;
}

export class WholeDay {
  readonly sandbox: Sandbox;
  readonly calls: ApiCall[] = [];
  readonly answers: Answer[] = [];
  /** What nobody may see: tokens, secrets, cookies, keys. */
  readonly secrets = new Map<string, string>();
  readonly #front: TlsServer;

  static async start(options: { command?: readonly string[] } = {}): Promise<WholeDay> {
    const sandbox = await Sandbox.start({ bundlePath: builtBundle(), installed: true, ...options });
    return new WholeDay(sandbox);
  }

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    // Inspects each call before it runs. It answers nothing, so that the call does run.
    sandbox.mattermost.fault = (method, args) => {
      this.calls.push({ method, args: structuredCloneOf(args) });
      return undefined;
    };
    this.#front = httpsFront(sandbox);
  }

  get base(): string {
    return `${this.sandbox.siteUrl}/plugins/${this.sandbox.bundle.id}`;
  }

  /** Ports that the process may contact. */
  get ports(): string[] {
    const { entra, graph, siteUrl, teams } = this.sandbox;
    return [entra.url, graph.url, siteUrl, teams.url].map((url) => new URL(url).port);
  }

  async run(): Promise<void> {
    const { graph, registration, scene, tenant } = this.sandbox;
    const appId = registration?.app.appId ?? "";
    giveConsent(tenant, appId, everything);
    graph.subscriptions.retryScale = 0.01;
    this.secrets.set("client secret", registration?.secret ?? "");
    await this.save({
      ...{ chats_enabled: true, chats_reply: true, channels_enabled: true, calendar_enabled: true },
      ...{ notification_url: this.#front.url, calendar_admin_log_level: "debug" },
    });
    // The plugin leaves the status of an offline person alone.
    this.sandbox.world.setStatus(scene.alex.user.Id, "online");
    const alex = this.#actor("alex", scene.alex);
    const sam = this.#actor("sam", scene.sam);
    const robot = tenant.addPerson({ displayName: "Bridge", userPrincipalName: "bridge@harbor.example" });
    await until(
      async () => (await this.ask(alex, "GET", "/oauth2/connect")).status === 302,
      "connecting is possible",
    );
    await this.#signIns(alex);
    for (const one of [alex, sam]) await this.#connect(one);
    await this.#connect(sam, { as: robot, how: "?account=bot" });
    await this.#chats(alex);
    await this.#channels(alex, sam, robot);
    await this.#calendar(alex);
    await this.#refusals(alex);
    await this.#admin(sam);
    await this.#leave(alex);
  }

  close(): void {
    this.#front.close();
    this.sandbox.close();
  }

  async save(settings: Record<string, unknown>): Promise<void> {
    const { bundle, world } = this.sandbox;
    savePluginSettings(world, bundle.id, settings);
    await world.settled();
    const key = (world.config.PluginSettings.Plugins[bundle.id] as Record<string, unknown>).encryption_key;
    if (typeof key === "string" && key !== "") this.secrets.set("encryption key", key);
  }

  #actor(name: string, { person, user }: { person: Person; user: { Id: string } }): Actor {
    const found = this.sandbox.world.users.get(user.Id);
    if (!found) throw new Error(`no ${name}`);
    const { session } = login(this.sandbox.world, found, new Request(this.sandbox.siteUrl));
    this.secrets.set(`session of ${name}`, session.Token);
    return { name, person, userId: user.Id, token: session.Token };
  }

  /** Sends a request of a person, or of nobody, and records the answer. */
  async ask(who: Actor | null, method: string, path: string, json?: unknown): Promise<Answer> {
    const response = await fetch(path.startsWith("http") ? path : `${this.base}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(who && { Authorization: `Bearer ${who.token}` }),
        "X-Requested-With": "XMLHttpRequest",
        "Content-Type": "application/json",
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (cookie.split(";")[0] ?? "").split("=");
      if (/^MMAUTHTOKEN/.test(name) && value.length > 10)
        this.secrets.set(`cookie ${this.secrets.size}`, value);
    }
    const headers = [...response.headers]
      .filter(([name]) => name !== "set-cookie")
      .map((one) => one.join(": "));
    const text = `${headers.join("\n")}\n\n${await response.text()}`;
    const answer = { who: who?.name ?? "nobody", path, status: response.status, text };
    this.answers.push(answer);
    return answer;
  }

  async #signIns(alex: Actor): Promise<void> {
    const { entra, registration } = this.sandbox;
    if (!registration) throw new Error("no registration");
    await this.ask(null, "GET", "/tab");
    for (const kind of ["good", "expired", "other audience", "changed after signing", "garbage"] as const) {
      const token = entra.tabToken(registration.app, alex.person, { kind });
      if (token.length > 20) this.secrets.set(`tab token, ${kind}`, token);
      await this.ask(null, "POST", "/api/v1/session", { token });
    }
  }

  async #connect(one: Actor, { as = one.person, how = "" } = {}): Promise<void> {
    const begun = await this.ask(one, "GET", `/oauth2/connect${how}`);
    const location = /^location: (.*)$/m.exec(begun.text)?.[1] ?? "";
    const back = this.sandbox.entra.signIn(location, as);
    // First a forged state, then the real one, then the same once more.
    await this.ask(one, "GET", `/oauth2/complete?code=${marks.refusal}&state=${"x".repeat(43)}`);
    const done = await this.ask(one, "GET", back.slice(this.base.length));
    if (done.status !== 200) throw new Error(`${one.name} could not connect: ${done.status}`);
    await this.ask(one, "GET", back.slice(this.base.length));
    await this.ask(
      one,
      "GET",
      `/oauth2/complete?error=access_denied&error_description=${marks.refusal}&state=x`,
    );
  }

  #direct(who: Actor): Post[] {
    const { world } = this.sandbox;
    return [...world.posts.values()].filter(({ ChannelId }) => {
      const channel = world.channels.get(ChannelId);
      return channel?.Type === "D" && channel.Name.includes(who.userId);
    });
  }

  async #chats(alex: Actor): Promise<void> {
    const { graph, tenant, world } = this.sandbox;
    await until(
      () => [...graph.subscriptions.all.values()].some(({ resource }) => /getAllMessages/i.test(resource)),
      "the subscription of chats",
    );
    const ben = tenant.addPerson({ displayName: "Ben Baker", userPrincipalName: "ben@harbor.example" });
    const chat = graph.chats.direct(ben.objectId, alex.person.objectId);
    const item = graph.drives.put(
      ben.objectId,
      `${marks.chatFile}.txt`,
      new TextEncoder().encode(marks.chatFile),
    );
    const message = await graph.chats.write(
      chat,
      ben.objectId,
      `<p>${marks.chat}</p><attachment id="a"></attachment>`,
      { attachments: [{ id: "a", contentType: "reference", contentUrl: item.webUrl, name: item.name }] },
    );
    const post = () => this.#direct(alex).find(({ Props }) => Props.teams_message_id === message.id);
    await until(() => post()?.Message.includes(marks.chat) === true, "the message of the chat");
    await graph.chats.edit(message, `<p>${marks.chatEdited}</p>`);
    await until(() => post()?.Message.includes(marks.chatEdited) === true, "its edit");
    const root = post();
    const answer = { UserId: alex.userId, ChannelId: root?.ChannelId ?? "", RootId: root?.Id ?? "" };
    await publish(world, { ...answer, Message: marks.chatReply });
    await until(() => graph.chats.sent.length === 1, "the answer");
    // Microsoft refuses, with a text about the message.
    graph.setFaults({ status: 403, failPath: "/messages", failNext: 3 });
    await publish(world, { ...answer, Message: marks.chatReply });
    await until(() => graph.faults.failNext < 3, "the refusal");
    graph.healthy();
    await graph.chats.remove(message);
  }

  async #channels(alex: Actor, sam: Actor, robot: Person): Promise<void> {
    const { graph, scene, world } = this.sandbox;
    const { channels } = graph;
    const team = channels.addTeam("Harbor", [alex.person, sam.person, robot]);
    const there = channels.addChannel(team, "Operations");
    world.join(sam.userId, scene.operations, { Roles: "channel_user channel_admin", SchemeAdmin: true });
    const linked = await this.ask(sam, "POST", `${this.sandbox.siteUrl}/api/v4/commands/execute`, {
      command: `/msteams link ${team.id} ${there.id}`,
      ...{ channel_id: scene.operations, team_id: scene.team },
    });
    if (linked.status !== 200) throw new Error(`not linked: ${linked.text}`);
    await until(
      () => [...graph.subscriptions.all.values()].some(({ resource }) => resource.includes(there.id)),
      "the subscription of the link",
    );
    const said = channels.say(there, alex.person, { html: `<p>${marks.fromTeams}</p>` });
    await until(
      () => world.postsIn(scene.operations).some(({ Message }) => Message.includes(marks.fromTeams)),
      "the message of Teams",
    );
    const post = await publish(world, {
      ...{
        UserId: sam.userId,
        ChannelId: scene.operations,
        Message: `${marks.toTeams} @alex ${marks.mention}`,
      },
    });
    const inTeams = (text: string) => () =>
      channels.visible(there).some(({ body }) => body.content.includes(text));
    await until(inTeams(marks.toTeams), "the message in Teams");
    const patch = `${this.sandbox.siteUrl}/api/v4/posts/${post.Id}/patch`;
    await this.ask(sam, "PUT", patch, { message: marks.toTeamsEdited });
    await until(inTeams(marks.toTeamsEdited), "the edit in Teams");
    graph.setFaults({ status: 400, failPath: "/channels/", failNext: 2 });
    await publish(world, { UserId: sam.userId, ChannelId: scene.operations, Message: marks.toTeams });
    await until(() => graph.faults.failNext < 2, "a refusal");
    graph.healthy();
    channels.remove(there, said.id);
    await until(() => this.sandbox.tenant.activities.length > 0, "the activity");
  }

  async #calendar(alex: Actor): Promise<void> {
    const { graph } = this.sandbox;
    const soon = Math.ceil((Date.now() + 75_000) / MINUTE) * MINUTE;
    const changed = await this.ask(alex, "PUT", "/api/v1/calendar/settings", {
      ...{ status: "dnd", customStatus: true, reminders: true, leadMinutes: 1, notifications: true },
      ...{ needAttendee: false, zone: "UTC" },
      summary: {
        enabled: true,
        postTime: new Date(soon).toISOString().slice(11, 16),
        weekdays: [1, 2, 3, 4, 5, 6, 7],
      },
    });
    if (changed.status !== 200) throw new Error(`settings: ${changed.text}`);
    await until(
      () => [...graph.subscriptions.all.values()].some(({ resource }) => /events/.test(resource)),
      "the subscription of the calendar",
    );
    const invite = async (subject: string, part: Record<string, unknown>, from: number) => {
      const event = graph.calendars.add(alex.person.objectId, from, from + 30 * MINUTE, {
        ...{ subject, bodyPreview: marks.eventBody, body: { contentType: "text", content: marks.eventBody } },
        ...{ responseStatus: { response: "notResponded" }, createdDateTime: new Date().toISOString() },
        ...part,
      });
      await graph.subscriptions.notify({
        resource: `Users/${alex.person.objectId}/Events/${event.id}`,
        changeType: "created",
        data: { ...event, "@odata.etag": `W/"${event.changeKey}"` },
      });
      await until(
        () => this.#direct(alex).some(({ Props }) => Props.calendar_event_id === event.id),
        `the card of ${subject}`,
      );
      return event;
    };
    await invite(marks.event, {}, soon);
    await invite(marks.privateEvent, { sensitivity: "private" }, soon + MINUTE);
    const card = this.#direct(alex).find(({ Props }) => Props.calendar_event_id !== undefined);
    await this.ask(alex, "POST", `${this.sandbox.siteUrl}/api/v4/posts/${card?.Id}/actions/accept`, {});
    for (const path of ["events", "settings"]) await this.ask(alex, "GET", `/api/v1/calendar/${path}`);
    await until(
      () => this.sandbox.world.statuses.get(alex.userId)?.Status === "dnd",
      "the status of the meeting",
      240,
    );
    await until(
      () => this.#direct(alex).filter(({ Props }) => Props.calendar_step).length >= 2,
      "reminder and summary",
    );
  }

  /** Sends every request as people who may not, and while Microsoft fails. */
  async #refusals(alex: Actor): Promise<void> {
    const { entra, graph } = this.sandbox;
    for (const path of [
      "/api/v1/admin/links",
      "/api/v1/admin/connections",
      "/api/v1/checks",
      "/api/v1/app-package",
    ])
      for (const who of [alex, null]) await this.ask(who, "GET", path);
    await this.ask(alex, "POST", "/api/v1/cards", { context: { token: marks.refusal }, post_id: "x" });
    await this.ask(alex, "POST", "/api/v1/graph/changes", { value: [{ clientState: marks.refusal }] });
    await this.ask(alex, "POST", "/api/v1/calendar/events", { subject: marks.event, start: "nonsense" });
    graph.setFaults({ status: 500 });
    await this.ask(alex, "GET", "/api/v1/calendar/events");
    graph.healthy();
    entra.setFaults({ unreachable: true });
    await this.ask(alex, "POST", "/api/v1/connection/from-tab", { token: marks.refusal });
    entra.healthy();
    entra.delegated.revoke(alex.person.objectId);
    await this.ask(alex, "GET", "/api/v1/calendar/events");
  }

  async #admin(sam: Actor): Promise<void> {
    const { mattermost, world } = this.sandbox;
    for (const path of [
      ..."links links.csv connections connections.csv connections/stats changes permissions draft".split(" "),
      ..."channels/links setup/guide catalog connections/bot".split(" "),
    ])
      await this.ask(sam, "GET", `/api/v1/admin/${path}`);
    for (const path of ["/api/v1/app-package", "/api/v1/notifications/state", "/api/v1/checks/report"])
      await this.ask(sam, "GET", path);
    await this.ask(sam, "POST", "/api/v1/checks", {});
    await this.ask(sam, "POST", "/api/v1/notifications/test", {});
    const metrics = await mattermost.metrics();
    this.answers.push({
      who: "prometheus",
      path: "/metrics",
      status: metrics.status,
      text: await metrics.text(),
    });
    for (const sink of world.hookSinks) {
      const packet = (await sink.call("generateSupportData", {})) as unknown;
      this.answers.push({ who: "support", path: "/packet", status: 200, text: textOf(packet) });
    }
    // The key is rotated, so the plugin encrypts everything again.
    const settings = world.config.PluginSettings.Plugins[this.sandbox.bundle.id] as Record<string, unknown>;
    const next = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");
    this.secrets.set("first encryption key", String(settings.encryption_key));
    await this.save({ encryption_key: next, encryption_key_previous: settings.encryption_key });
  }

  async #leave(alex: Actor): Promise<void> {
    await this.ask(alex, "GET", "/api/v1/connection");
    await this.ask(alex, "DELETE", "/api/v1/connection");
    await this.sandbox.world.settled();
    this.sandbox.mattermost.crash("node-1");
    await until(async () => (await fetch(`${this.base}/tab`)).status === 200, "the process is back");
    await this.sandbox.mattermost.stopPlugin();
  }
}

/** Copies what can be copied: leaves out streams of bodies and functions of hooks. */
function structuredCloneOf(args: readonly unknown[]): readonly unknown[] {
  return args.map((arg) => {
    try {
      return structuredClone(arg);
    } catch {
      return String(arg);
    }
  });
}

/** Every text in a value, bytes included. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return new TextDecoder("latin1").decode(value);
  if (value instanceof Map) return [...value].map((entry) => textOf([...entry])).join("\n");
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([name, one]) => `${name}: ${textOf(one)}`)
      .join("\n");
  return String(value);
}
