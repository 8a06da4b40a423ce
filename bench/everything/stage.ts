/** One node under the official Go host with every feature on, between the fake Entra and the fake Graph. */

import { Host } from "../../e2e/host/host.ts";
import { httpsFront } from "../../e2e/host/https-front.ts";
import { everything, giveConsent } from "../../e2e/sandbox/consent.ts";
import { Entra } from "../../e2e/sandbox/entra/server.ts";
import { Graph } from "../../e2e/sandbox/graph/server.ts";
import type { TeamsChannel } from "../../e2e/sandbox/graph/teams.ts";
import { type Person, Tenant } from "../../e2e/sandbox/tenant.ts";
import type { Application } from "../../e2e/sandbox/tenant-apps.ts";
import { Authority } from "../../e2e/sandbox/tls/authority.ts";
import type { TlsServer } from "../../e2e/sandbox/tls/server.ts";
import { WireLog } from "../../e2e/sandbox/wire-log.ts";

export const PLUGIN = "mission-collaboration";
export const SITE = "https://chat.example.com";
/** The header that nginx would set, because sign-ins come from many addresses. */
export const ADDRESS_HEADER = "X-Bench-Address";

export interface Sizes {
  readonly people: number;
  readonly links: number;
  readonly calendars: number;
}

export interface Member {
  readonly userId: string;
  readonly username: string;
  readonly person: Person;
}

export interface LinkedPair {
  readonly channelId: string;
  readonly there: TeamsChannel;
  /** Members of both sides who write there. */
  readonly members: readonly Member[];
}

const MEMBERS_OF_A_LINK = 10;
const AT_ONCE = 1_000;

export class Stage {
  readonly authority = new Authority("Bench Root");
  readonly tenant = new Tenant("example.com");
  readonly wires = new WireLog();
  readonly entra = new Entra(this.tenant, this.authority, this.wires);
  readonly graph = new Graph(this.tenant, this.entra, this.authority, { wires: this.wires });
  readonly site: TlsServer;
  readonly members: Member[] = [];
  readonly pairs: LinkedPair[] = [];
  readonly bot: Person;
  readonly app: Application;
  readonly encryptionKey = Buffer.alloc(32, 7).toString("base64");
  readonly sizes: Sizes;
  readonly host: Host;
  readonly #secret: string;
  readonly catalogId: string;

  static async start(bundle: string, sizes: Sizes): Promise<Stage> {
    const stage = new Stage(await Host.start({ bundle }), sizes);
    await stage.#populate();
    return stage;
  }

  private constructor(host: Host, sizes: Sizes) {
    this.host = host;
    this.sizes = sizes;
    this.site = httpsFront(this.authority, PLUGIN, () => host);
    const { graph, tenant } = this;
    this.entra.listen();
    graph.listen();
    this.site.listen(0);
    // The stand-in never throttles; the output compares the requests with Microsoft's limits.
    graph.throttle.enabled = false;
    graph.subscriptions.retryScale = 0.05;
    // At Microsoft this limit covers only Teams subscriptions; the stand-in does not distinguish them.
    graph.subscriptions.organisationLimit = 1_000_000;
    const { app, secret } = tenant.register("Mattermost", "chat.example.com");
    app.redirectUris = [`${SITE}/plugins/${PLUGIN}/oauth2/complete`];
    giveConsent(tenant, app.appId, everything);
    this.app = app;
    this.#secret = secret;
    this.bot = tenant.addPerson({ displayName: "Bridge", userPrincipalName: "bridge@example.com" });
    this.catalogId = this.#publish();
  }

  /** Publishes and installs the Teams app for everybody, so that activities arrive. */
  #publish(): string {
    const id = crypto.randomUUID();
    const types = "mention direct_message group_message thread_reply channel_mention keyword summary message";
    this.tenant.catalog.set(id, {
      id,
      externalId: APP_ID,
      displayName: "Mattermost",
      entraAppId: this.app.appId,
      definitions: [{ id: "1", version: "1.0.0", publishingState: "published" }],
      manifest: {
        id: APP_ID,
        version: "1.0.0",
        name: { short: "Mattermost" },
        description: { short: "", full: "" },
        accentColor: "#ffffff",
        webApplicationInfo: { id: this.app.appId },
        activities: {
          activityTypes: types
            .split(" ")
            .map((type) => ({ type, description: type, templateText: "{actor}" })),
        },
      },
      languages: new Map(),
      icons: { color: "", outline: "" },
    });
    return id;
  }

  async #populate(): Promise<void> {
    const { catalogId, graph, host, sizes, tenant } = this;
    const count = sizes.people;
    await host.do("world", {
      world: {
        Teams: [{ Id: id("team"), Name: "operations", DisplayName: "Operations", Type: "O" }],
        Users: [user(ADMIN, "admin", "system_admin system_user")],
        Sessions: [{ Id: id("sadmin"), Token: "token-admin", UserId: ADMIN, Props: { csrf: "csrf" } }],
      },
    });
    for (let from = 0; from < count; from += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, offset) => from + offset);
      for (const index of some) {
        const username = `person${index}`;
        const address = `${username}@example.com`;
        const person = tenant.addPerson({ displayName: `Person ${index}`, userPrincipalName: address });
        tenant.installFor(person.objectId, catalogId);
        this.members.push({ userId: id(`u${index}`), username, person });
      }
      await host.do("world", {
        world: {
          Users: some.map((index) => user(id(`u${index}`), `person${index}`)),
          TeamMembers: some.map((index) => ({
            TeamId: id("team"),
            UserId: id(`u${index}`),
            Roles: "team_user",
          })),
          // The first half has meetings; the second half is away from the desk.
          Statuses: some.map((index) => ({
            UserId: id(`u${index}`),
            Status: index < count / 2 ? "online" : "offline",
          })),
        },
      });
    }
    for (let index = 0; index < sizes.links; index += 1) {
      const members = Array.from(
        { length: Math.min(MEMBERS_OF_A_LINK, count) },
        (_, offset) => this.members[(index * MEMBERS_OF_A_LINK + offset) % count] as Member,
      );
      const team = graph.channels.addTeam(`Team ${index}`, [
        this.bot,
        ...members.map(({ person }) => person),
      ]);
      this.pairs.push({
        channelId: id(`c${index}`),
        there: graph.channels.addChannel(team, "General"),
        members,
      });
    }
    await host.do("world", {
      world: {
        Channels: [
          { Id: TOWN_SQUARE, TeamId: id("team"), Name: "town-square", DisplayName: "Town Square", Type: "O" },
          ...this.pairs.map(({ channelId }, index) => ({
            ...{ Id: channelId, TeamId: id("team"), Name: `linked-${index}`, DisplayName: `Linked ${index}` },
            Type: "O",
          })),
        ],
        ChannelMembers: [
          ...this.pairs.flatMap(({ channelId, members }) =>
            members.map(({ userId }) => inside(channelId, userId)),
          ),
          ...this.members.map(({ userId }) => inside(TOWN_SQUARE, userId)),
        ],
      },
    });
  }

  settings(): Record<string, unknown> {
    return {
      m365_tenant_id: this.tenant.id,
      m365_client_id: this.app.appId,
      m365_client_secret: this.#secret,
      app_id: APP_ID,
      national_cloud: "custom",
      custom_login_url: this.entra.url,
      custom_graph_url: this.graph.url,
      custom_teams_url: "https://teams.example.com",
      custom_ca_certificates: this.authority.certificate,
      notification_url: this.site.url,
      encryption_key: this.encryptionKey,
      connected_accounts_limit: 200_000,
      chats_enabled: true,
      chats_reply: true,
      channels_enabled: true,
      calendar_enabled: true,
    };
  }

  configure(settings: Record<string, unknown> = this.settings()): Promise<unknown> {
    return this.host.do("configure", {
      settings,
      config: {
        ServiceSettings: { SiteURL: SITE, TrustedProxyIPHeader: [ADDRESS_HEADER] },
        TeamSettings: { MaxNotificationsPerChannel: 100_000 },
      },
    });
  }

  async stop(): Promise<void> {
    await this.host.stop();
    for (const server of [this.site, this.graph, this.entra]) server.close();
  }
}

const APP_ID = "99999999-8888-4777-8666-555555555555";
/** 26 characters, like the server's own ids. */
export const id = (name: string): string => name.padEnd(26, "x");
export const ADMIN = id("admin");

export const TOWN_SQUARE = id("town");

const inside = (ChannelId: string, UserId: string) => ({ ChannelId, UserId, Roles: "channel_user" });

const user = (Id: string, Username: string, Roles = "system_user") => ({
  ...{ Id, Username, Roles, Email: `${Username}@example.com`, EmailVerified: true, Locale: "en" },
  Timezone: { useAutomaticTimezone: "true", automaticTimezone: "UTC", manualTimezone: "" },
});
