/** Runs the product under the official host with a feature switched on, between the fake Entra and the fake Graph. */

import { needs } from "../sandbox/consent.ts";
import { Entra } from "../sandbox/entra/server.ts";
import { Graph } from "../sandbox/graph/server.ts";
import { type Person, Tenant } from "../sandbox/tenant.ts";
import { Authority } from "../sandbox/tls/authority.ts";
import type { TlsServer } from "../sandbox/tls/server.ts";
import { WireLog } from "../sandbox/wire-log.ts";
import { until } from "../until.ts";
import { Host, type HostOptions } from "./host.ts";
import { httpsFront } from "./https-front.ts";

const PLUGIN = "mission-collaboration";
const SITE = "https://chat.example.com";

export interface HostPost {
  readonly Id: string;
  readonly UserId: string;
  readonly ChannelId: string;
  readonly RootId: string;
  readonly Message: string;
  readonly CreateAt: number;
  readonly DeleteAt?: number;
  readonly Props: Readonly<Record<string, unknown>>;
  readonly FileIds: readonly string[] | null;
}

export interface HostMember {
  readonly userId: string;
  readonly person: Person;
}

export interface FeatureOptions {
  /** Members with a connected account. */
  readonly people: number;
  readonly settings?: Record<string, unknown>;
  /** Application permissions of the registration. */
  readonly roles?: readonly string[];
  /** Delegated permissions with admin consent, separated by blanks. */
  readonly scopes?: string;
  /** Roles of each Mattermost account. */
  readonly userRoles?: string;
  /** Subscriptions that exist from the start. */
  readonly subscriptions?: number;
}

export class FeatureHost {
  readonly authority = new Authority("Chats Root");
  readonly tenant = new Tenant("example.com");
  readonly wires = new WireLog();
  readonly entra = new Entra(this.tenant, this.authority, this.wires);
  readonly graph = new Graph(this.tenant, this.entra, this.authority, { wires: this.wires });
  readonly site: TlsServer;
  readonly members: HostMember[] = [];
  host: Host;
  #bot = "";
  #settings: Record<string, unknown> = {};
  readonly #channels = new Map<string, string>();

  private constructor(host: Host) {
    this.host = host;
    this.site = httpsFront(this.authority, PLUGIN, () => this.host);
  }

  static async start(place: HostOptions, options: FeatureOptions): Promise<FeatureHost> {
    const made = new FeatureHost(await Host.start(place));
    await made.#begin(options);
    return made;
  }

  async #begin({ people, settings = {}, subscriptions = 1, ...more }: FeatureOptions): Promise<void> {
    const { entra, graph, host, site, tenant } = this;
    entra.listen();
    graph.listen();
    graph.throttle.enabled = false;
    graph.subscriptions.retryScale = 0.02;
    site.listen(0);
    const { app, secret } = tenant.register("Mattermost", "chat.example.com");
    app.redirectUris = [`${SITE}/plugins/${PLUGIN}/oauth2/complete`];
    for (const role of more.roles ?? needs.chats.roles) tenant.grantRole(app.appId, role);
    if (more.scopes !== undefined) tenant.grantScopes(app.appId, more.scopes);
    const users = Array.from({ length: people }, (_, at) => ({
      Id: `u${at}`.padEnd(26, "x"),
      Username: `person${at}`,
      Email: `person${at}@example.com`,
      EmailVerified: true,
      Roles: more.userRoles ?? "system_user",
    }));
    await host.do("world", {
      world: {
        Users: users,
        Sessions: users.map(({ Id }) => ({ Id: `s${Id}`.slice(0, 26), Token: `token-${Id}`, UserId: Id })),
      },
    });
    this.#settings = {
      m365_tenant_id: tenant.id,
      m365_client_id: app.appId,
      m365_client_secret: secret,
      national_cloud: "custom",
      custom_login_url: entra.url,
      custom_graph_url: graph.url,
      custom_teams_url: "https://teams.example.com",
      custom_ca_certificates: this.authority.certificate,
      notification_url: site.url,
      encryption_key: Buffer.alloc(32, 7).toString("base64"),
      connected_accounts_limit: 5_000,
      chats_enabled: true,
      chats_reply: true,
      ...settings,
    };
    await this.configure();
    await host.activate();
    for (const { Email, Id } of users) this.members.push(await this.connect(Id, Email));
    await until(() => graph.subscriptions.all.size === subscriptions, "the subscription");
  }

  /** Saves settings like an admin. */
  async configure(settings: Record<string, unknown> = {}): Promise<void> {
    Object.assign(this.#settings, settings);
    const config = { ServiceSettings: { SiteURL: SITE } };
    await this.host.do("configure", { settings: this.#settings, config });
  }

  /** `how`: the query of the address, `?account=bot` for the bot account. */
  async connect(userId: string, address: string, how = ""): Promise<HostMember> {
    const person = this.tenant.addPerson({
      displayName: address.split("@")[0] ?? "",
      userPrincipalName: address,
    });
    const headers = { cookie: `MMAUTHTOKEN=token-${userId}` };
    const begun = await this.host.fetch(`/oauth2/connect${how}`, { headers, redirect: "manual" });
    if (begun.status !== 302) throw new Error(`connect: ${begun.status} ${await begun.text()}`);
    const back = this.entra.signIn(begun.headers.get("Location") ?? "", person, "agree");
    const path = back.slice(`${SITE}/plugins/${PLUGIN}`.length);
    const done = await this.host.fetch(path, { headers, redirect: "manual" });
    if (done.status !== 200) throw new Error(`complete: ${done.status} ${await done.text()}`);
    return { userId, person };
  }

  stranger(displayName: string): Person {
    return this.tenant.addPerson({ displayName, userPrincipalName: `${crypto.randomUUID()}@example.com` });
  }

  /** Posts about Teams messages in the member's direct channel with the bot, oldest first. */
  async posts(member: HostMember, since = 0): Promise<HostPost[]> {
    return (await this.direct(member, since)).filter(({ Props }) => Props?.teams_message_id !== undefined);
  }

  /** Posts of the bot in the member's direct channel, oldest first. */
  async direct({ userId }: HostMember, since = 0): Promise<HostPost[]> {
    if (this.#bot === "") {
      const bot = (await this.host.api("GetUserByUsername", PLUGIN)) as { Id: string };
      this.#bot = bot.Id;
    }
    let channelId = this.#channels.get(userId);
    if (channelId === undefined) {
      channelId = ((await this.host.api("GetDirectChannel", this.#bot, userId)) as { Id: string }).Id;
      this.#channels.set(userId, channelId);
    }
    const list = (await this.host.api("GetPostsSince", channelId, since)) as {
      Posts: Record<string, HostPost> | null;
    } | null;
    return Object.values(list?.Posts ?? {}).filter(
      ({ DeleteAt, UserId }) => UserId === this.#bot && (DeleteAt ?? 0) === 0,
    );
  }

  async stop(): Promise<void> {
    await this.host.stop();
    for (const server of [this.site, this.graph, this.entra]) server.close();
  }
}
