/**
 * Shared by the benchmarks of notifications: linked members in the official Go host, and a fake Microsoft over TLS.
 */

import { join } from "node:path";
import { root } from "../../build/architecture.ts";
import { compileExecutable, ownPlatform } from "../../build/executable.ts";
import { type Host, makeBundle } from "../../e2e/host/host.ts";
import { Authority } from "../../e2e/sandbox/tls/authority.ts";
import { TlsServer } from "../../e2e/sandbox/tls/server.ts";
import { accountsKey } from "../../server/people/link.ts";

const TENANT = "11111111-2222-4333-8444-555555555555";
export const pad = (text: string) => text.padEnd(26, "x");
export const ALICE = pad("alice");
export const userId = (index: number) => pad(`u${index}y`);
const objectId = (index: number) => `aaaaaaaa-bbbb-4ccc-8ddd-${String(index).padStart(12, "0")}`;
/** The most users that fit into one line of JSON to the host. */
const AT_ONCE = 10_000;

interface Request {
  readonly at: number;
  readonly recipients: readonly string[];
}

/** Entra and Graph in one server, with constant answers. */
export class Microsoft {
  readonly requests: Request[] = [];
  readonly authority = new Authority("Bench Root");
  readonly server = new TlsServer(this.authority, (request) => this.#answer(request));

  async #answer(request: globalThis.Request): Promise<Response> {
    const { pathname, origin } = new URL(request.url);
    const login = `${origin}/${TENANT}`;
    if (pathname.endsWith("/openid-configuration")) {
      return Response.json({
        issuer: `${login}/v2.0`,
        token_endpoint: `${login}/oauth2/v2.0/token`,
        authorization_endpoint: `${login}/oauth2/v2.0/authorize`,
        jwks_uri: `${login}/discovery/v2.0/keys`,
      });
    }
    if (pathname.endsWith("/token"))
      return Response.json({ token_type: "Bearer", expires_in: 3600, access_token: "token" });
    if (pathname === "/v1.0/appCatalogs/teamsApps")
      return Response.json({ value: [{ id: "catalog-1", externalId: TENANT, displayName: "Chat" }] });
    const body = (await request.json()) as { recipients: { userId: string }[] };
    this.requests.push({ at: performance.now(), recipients: body.recipients.map((one) => one.userId) });
    return new Response(null, { status: 202 });
  }
}

/** Builds the activity feature alone as a plugin. */
export async function buildNotifications(): Promise<string> {
  const folder = join(root, "dist/bench/notifications");
  const manifest = {
    id: "bench-notifications",
    name: "Bench",
    version: "1.0.0",
    server: { executable: "plugin" },
  };
  await makeBundle(folder, { "plugin.json": JSON.stringify(manifest) });
  await compileExecutable(join(import.meta.dir, "main.ts"), join(folder, "plugin"), ownPlatform);
  return folder;
}

/** Creates `members` linked people (user0 and on) and Alice; each channel has Alice and the last few of them. */
export async function seed(
  host: Host,
  microsoft: Microsoft,
  members: number,
  channels: readonly { readonly id: string; readonly members: number }[],
): Promise<void> {
  const notify = {
    push: "mention",
    channel: "true",
    push_status: "online",
    push_threads: "all",
    comments: "never",
  };
  const channelNotify = {
    push: "default",
    mark_unread: "all",
    desktop: "default",
    ignore_channel_mentions: "default",
  };
  const user = (Id: string, Username: string) => ({
    Id,
    Username,
    Email: `${Username}@example.com`,
    Roles: "system_user",
    Locale: "en",
    NotifyProps: notify,
    Timezone: { useAutomaticTimezone: "true", automaticTimezone: "Europe/Berlin", manualTimezone: "" },
  });
  const member = (ChannelId: string, UserId: string) => ({
    ChannelId,
    UserId,
    Roles: "channel_user",
    SchemeUser: true,
    NotifyProps: channelNotify,
  });
  await host.do("world", {
    world: {
      Users: [user(ALICE, "alice")],
      Channels: channels.map(({ id }) => ({
        Id: id,
        Type: "O",
        Name: id,
        DisplayName: "Town Square",
        TeamId: pad("team"),
      })),
      ChannelMembers: channels.map(({ id }) => member(id, ALICE)),
    },
  });
  const shards = new Map<string, Record<string, object>>();
  for (let from = 0; from < members; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, members - from);
    const indexes = Array.from({ length: count }, (_, offset) => from + offset);
    await host.do("world", {
      world: {
        Users: indexes.map((index) => user(userId(index), `user${index}`)),
        ChannelMembers: channels.flatMap(({ id, members: size }) =>
          indexes.filter((index) => index >= members - size).map((index) => member(id, userId(index))),
        ),
        Statuses: indexes.map((index) => ({ UserId: userId(index), Status: "offline" })),
      },
    });
    for (const index of indexes) {
      const id = userId(index);
      const shard = shards.get(accountsKey(id)) ?? {};
      shard[id] = { tenantId: TENANT, objectId: objectId(index), linkedAt: 0, basis: "token" };
      shards.set(accountsKey(id), shard);
    }
  }
  for (const [key, shard] of shards) {
    await host.api("KVSet", key, { $bytes: Buffer.from(JSON.stringify(shard)).toString("hex") });
  }
  const { url } = microsoft.server;
  await host.do("configure", {
    settings: {
      m365_tenant_id: TENANT,
      m365_client_id: TENANT,
      m365_client_secret: "secret",
      app_id: TENANT,
      national_cloud: "custom",
      custom_login_url: url,
      custom_graph_url: url,
      custom_teams_url: "https://teams.example.com",
      custom_ca_certificates: microsoft.authority.certificate,
    },
    config: {
      ServiceSettings: { SiteURL: "https://chat.example.com" },
      TeamSettings: { MaxNotificationsPerChannel: 2 * members },
    },
  });
}

export interface State {
  readonly waitingPosts: number;
  readonly delivering: boolean;
  readonly indexComplete: boolean;
  readonly linkedMembers: number;
}

export const stateOf = async (host: Host): Promise<State> => (await host.fetch("/")).json() as Promise<State>;

/** Waits until the outbox is empty. */
export async function quiet(host: Host): Promise<void> {
  for (let calm = 0; calm < 3; ) {
    await Bun.sleep(150);
    const state = await stateOf(host);
    calm = state.delivering && state.waitingPosts === 0 ? calm + 1 : 0;
  }
}

export const sum = (calls: Record<string, number>): number =>
  Object.values(calls).reduce((total, count) => total + count, 0);
