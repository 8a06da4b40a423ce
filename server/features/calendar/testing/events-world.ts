/**
 * A test world for invitations and events: stand-ins of Entra, Graph and Mattermost, connected members, and our part
 * of the calendar in between. The test itself provides the other part (settings, the known day).
 */

import type { StoredEvent } from "../../../../e2e/sandbox/graph/mailbox.ts";
import type { Person } from "../../../../e2e/sandbox/tenant.ts";
import { createAppTokens } from "../../../microsoft/entra/app-token.ts";
import { createGraph } from "../../../microsoft/graph/index.ts";
import type { Change } from "../../../microsoft/subscriptions/index.ts";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { ConnectionsWorld } from "../../../people/connections/testing/connections-world.ts";
import { Microsoft, PLUGIN } from "../../../people/connections/testing/microsoft.ts";
import { createBot } from "../../../platform/bot/bot.ts";
import { createCards, type PressOutcome } from "../../../platform/bot/cards.ts";
import type { Dialog, DialogHandler } from "../../../platform/bot/dialogs.ts";
import { mountRoutes } from "../../../platform/http/testing/mount-routes.ts";
import { languageOf } from "../../../platform/i18n/index.ts";
import { createMetrics } from "../../../platform/metrics/metrics.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import { makeCluster } from "../../../runtime/mattermost/cluster.ts";
import type { KeyValueStore, Logger, Post, User } from "../../../runtime/mattermost/index.ts";
import { type CalendarEventsPart, calendarEvents } from "../events/calendar-events.ts";
import type { EventServices } from "../events/events-ports.ts";
import { type CalendarSettings, settingsAfterConnecting } from "../rules/settings.ts";

export { Microsoft };

export const HOUR = 3_600_000;

export interface Member {
  readonly user: User;
  readonly person: Person;
}

interface Attachment {
  readonly text?: string;
  readonly fields?: readonly { readonly title: string; readonly value: string }[];
  readonly actions?: readonly {
    readonly id: string;
    readonly name: string;
    readonly integration: { readonly context: Record<string, unknown> };
  }[];
}

export class EventsWorld {
  readonly microsoft: Microsoft;
  readonly base: ConnectionsWorld;
  readonly settings = new Map<string, CalendarSettings>();
  readonly part: CalendarEventsPart;
  readonly services: EventServices;
  readonly changedFor: string[] = [];
  readonly counted: string[] = [];
  readonly opened: { readonly userId: string; readonly dialog: Dialog }[] = [];
  readonly #dialogs = new Map<string, DialogHandler>();
  readonly #members: Member[] = [];
  readonly #router: ReturnType<typeof mountRoutes>;
  /** Mailboxes that the app may not read. */
  readonly denied = new Set<string>();
  isOn = true;

  constructor(microsoft: Microsoft, beside?: EventsWorld) {
    this.microsoft = microsoft;
    this.base = new ConnectionsWorld({ microsoft, ...(beside ? { beside: beside.base } : {}) });
    const { base } = this;
    base.config.save({ calendar_enabled: true });
    const { api, config, connections, links } = base;
    const fetch: typeof globalThis.fetch = Object.assign(
      async (url: Parameters<typeof globalThis.fetch>[0], init?: RequestInit) => {
        await base.outgoing(String(url));
        return globalThis.fetch(url, {
          ...init,
          tls: { ca: microsoft.authority.certificate },
        } as RequestInit);
      },
      globalThis.fetch,
    );
    const graph = createGraph({
      config,
      tokens: createAppTokens({ config, fetch }),
      fetch,
      sleep: async () => {},
    });
    const kv = {
      ...base.kv,
      set: async (key: string, value: Uint8Array | string, options?: { expireInSeconds?: number }) => {
        const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
        await api.kvSetWithOptions(key, bytes, { ExpireInSeconds: options?.expireInSeconds ?? 0 });
      },
      delete: (key: string) => api.kvDelete(key),
    };
    const bot = createBot(api, { username: PLUGIN, displayName: "Mission", description: "" });
    const clock = () => base.now;
    const log = { warn: () => {}, info: () => {} };
    const { lock } = makeCluster(api, kv as KeyValueStore, log as unknown as Logger);
    const cluster = { lock, runOnOneNode: () => ({ stop: async () => {} }) };
    this.services = {
      ...{ api, kv, log, cluster, supports: async () => true, clock, config, graph, links, connections, bot },
      metrics: createMetrics(),
      cards: createCards({ api, kv, bot, url: `/plugins/${PLUGIN}/api/v1/cards`, now: clock }),
      dialogs: {
        handle: (name, handler) => void this.#dialogs.set(name, handler),
        open: async (_trigger, userId, dialog) => void this.opened.push({ userId, dialog }),
      },
    } as EventServices;
    const world = this;
    const asPerson = (userId: string) => ({
      by: "person" as const,
      base: "/me",
      credential: connections.credential(userId),
    });
    const appTokens = createAppTokens({ config, fetch });
    this.part = calendarEvents(
      this.services,
      {
        settings: async (userId) => world.settingsOf(userId),
        async reader(userId) {
          await connections.credential(userId).token(1);
          const user = await api.getUser(userId);
          return {
            zone: zoneOf("Europe/Berlin") as ZoneId,
            mailboxZone: "W. Europe Standard Time",
            locale: user?.Locale ?? "en",
            language: languageOf(user?.Locale),
          };
        },
        async *members() {
          for (const { person, user } of world.#members)
            yield { userId: user.Id, objectId: person.objectId, settings: world.settingsOf(user.Id) };
        },
        access: {
          async of(userId) {
            const link = (await links.byMattermostUser([userId])).get(userId);
            if (!link) return null;
            return world.denied.has(userId)
              ? asPerson(userId)
              : { by: "app", base: `/users/${link.objectId}` };
          },
          asPerson,
          refused(userId, error) {
            const refused = (error as { status?: number }).status === 403;
            if (refused) world.denied.add(userId);
            return refused;
          },
        },
        counted: (what) => void world.counted.push(what),
        cardFailed: () => {},
        changed: (userId) => void world.changedFor.push(userId),
        wishesChanged: () => {},
      },
      { isOn: () => world.isOn, appToken: () => appTokens.token(5) },
    );
    this.#router = mountRoutes(this.part.routes);
  }

  /** A connected member with cards enabled, unless the settings say otherwise. */
  async member(name: string, settings: Partial<CalendarSettings> = { notifications: true }): Promise<Member> {
    const [user, person] = [this.base.user(name), this.microsoft.person(name)];
    const { status } = await this.base.connect(user, person);
    if (status !== 200) throw new Error(`${name} could not connect: ${status}`);
    this.settings.set(user.Id, { ...settingsAfterConnecting, ...settings });
    const member = { user, person };
    this.#members.push(member);
    return member;
  }

  settingsOf(userId: string): CalendarSettings {
    return this.settings.get(userId) ?? settingsAfterConnecting;
  }

  get calendars() {
    return this.microsoft.graph.calendars;
  }

  /** Requests to the calendars since the last call, e.g. `GET /me/events/{id}`. */
  requests(): string[] {
    const { requests } = this.microsoft.graph;
    return requests
      .splice(0)
      .filter(({ path }) => /\/(events|calendar)/.test(path))
      .map(({ method, path, status }) => {
        const plain = path.split("?")[0]?.replace("/v1.0", "") ?? "";
        return `${method} ${plain.replace(/[0-9a-f-]{36}/, "{oid}").replace(/events\/[^/]+/, "events/{id}")} ${status}`;
      });
  }

  /** Puts an invitation into the member's mailbox, `hours` from now. */
  put({ person }: Member, hours = 24, different: Record<string, unknown> = {}): StoredEvent {
    const from = Math.floor(this.base.now / HOUR) * HOUR + hours * HOUR;
    const created = new Date(this.base.now).toISOString();
    return this.calendars.add(person.objectId, from, from + HOUR, {
      responseStatus: { response: "notResponded" },
      createdDateTime: created,
      lastModifiedDateTime: created,
      ...different,
    });
  }

  /** Changes the event in Outlook without a change notification. */
  edit({ person }: Member, id: string, part: Record<string, unknown>): void {
    const box = this.calendars.of(person.objectId);
    const event = box.events.get(id);
    if (!event) throw new Error("no such event");
    const lastModifiedDateTime = new Date(this.base.now).toISOString();
    box.events.set(id, { ...event, lastModifiedDateTime, ...part, changeKey: crypto.randomUUID() });
  }

  drop({ person }: Member, id: string): void {
    this.calendars.of(person.objectId).events.delete(id);
  }

  /** Handles a change as the change queue does. */
  async change(
    { user, person }: Member,
    eventId: string,
    changeType: Change["changeType"] = "updated",
  ): Promise<Outcome> {
    const resource = { kind: "event", userId: person.objectId, eventId } as const;
    return this.part.listener.changed(
      { key: user.Id, resource, changeType, etag: null, content: null, receivedAt: this.base.now },
      new AbortController().signal,
    );
  }

  /** Posts of the bot in the member's direct channel, oldest first. */
  posts({ user }: Member, eventId?: string): Post[] {
    const { channels, posts } = this.base.mattermost;
    return [...posts.values()]
      .filter((post) => post.DeleteAt === 0)
      .filter((post) => {
        const channel = channels.get(post.ChannelId);
        return channel?.Type === "D" && channel.Name.includes(user.Id);
      })
      .filter((post) => post.Props.calendar_event_id !== undefined)
      .filter((post) => eventId === undefined || post.Props.calendar_event_id === eventId);
  }

  inChannel(channelId: string): Post[] {
    const all = [...this.base.mattermost.posts.values()];
    return all.filter((post) => post.ChannelId === channelId && post.Type === "");
  }

  async press(
    { user }: Member,
    post: Post,
    id: string,
    change: { readonly by?: User; readonly token?: unknown; readonly postId?: string } = {},
  ): Promise<PressOutcome> {
    const action = actionsOf(post).find((one) => one.id === id);
    return this.services.cards.press((change.by ?? user).Id, {
      user_id: (change.by ?? user).Id,
      post_id: change.postId ?? post.Id,
      channel_id: post.ChannelId,
      trigger_id: "trigger",
      context: change.token === undefined ? (action?.integration.context ?? {}) : { token: change.token },
    });
  }

  submit(userId: string, fields: Record<string, unknown>, dialog = this.opened.at(-1)?.dialog) {
    const handler = this.#dialogs.get(dialog?.name ?? "");
    if (!handler) throw new Error("no dialog is open");
    return handler({ userId, channelId: "", teamId: "", fields, value: dialog?.value });
  }

  request(path: string, by: User | null, body?: unknown): Promise<Response> {
    const init =
      body === undefined
        ? {}
        : {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: typeof body === "string" ? body : JSON.stringify(body),
          };
    return this.#router.request(path, init, { userId: by?.Id ?? null });
  }

  async json(path: string, by: User | null, body?: unknown): Promise<{ status: number; body: never }> {
    const response = await this.request(path, by, body);
    return { status: response.status, body: (await response.json()) as never };
  }

  async settle(): Promise<void> {
    await this.base.settle();
  }
}

export function attachmentOf(post: Post | undefined): Attachment {
  return ((post?.Props.attachments as Attachment[] | undefined) ?? [])[0] ?? {};
}

export const actionsOf = (post: Post | undefined) => attachmentOf(post).actions ?? [];
export const buttonsOf = (post: Post | undefined) => actionsOf(post).map(({ id }) => id);
/** All texts of the post. */
export function wordsOf(post: Post | undefined): string {
  const { fields = [], text = "" } = attachmentOf(post);
  return [post?.Message ?? "", text, ...fields.map(({ title, value }) => `${title}: ${value}`)].join("\n");
}
