/** Fake Entra and Graph servers over TLS, and the parts of Mattermost that the admin code uses. */

import { beforeEach, expect, setDefaultTimeout } from "bun:test";
import { readFile } from "node:fs/promises";
import { productPermissions } from "../../../build/product-features.ts";
import { Entra } from "../../../e2e/sandbox/entra/server.ts";
import { Graph } from "../../../e2e/sandbox/graph/server.ts";
import { Tenant } from "../../../e2e/sandbox/tenant.ts";
import { Authority } from "../../../e2e/sandbox/tls/authority.ts";
import { WireLog } from "../../../e2e/sandbox/wire-log.ts";
import { createTeamsApp } from "../../features/teams-app/index.ts";
import { buildConfig } from "../../microsoft/config/index.ts";
import { createAppTokens } from "../../microsoft/entra/app-token.ts";
import { createGraph } from "../../microsoft/graph/index.ts";
import { outgoingFetch } from "../../microsoft/network/index.ts";
import type { SubscriptionsStatus } from "../../microsoft/subscriptions/index.ts";
import { compareVersions } from "../../platform/compare-versions.ts";
import type { Feature } from "../../platform/feature.ts";
import { mountRoutes } from "../../platform/http/testing/mount-routes.ts";
import type { DeclaredPermissions } from "../../platform/permissions.ts";
import { travelled } from "../../runtime/mattermost/testing/travelled.ts";
import { Config } from "../../runtime/mattermost/wire/config.gen.ts";
import { type AdminHost, createAdmin, explainForAdmins } from "../index.ts";

export const ADMIN = "a".repeat(26);
export const OTHER_ADMIN = "b".repeat(26);
export const SITE = "https://chat.sandbox.example";

const authority = new Authority("Sandbox Root");
export const tenant = new Tenant("sandbox.example");
export const entra = new Entra(tenant, authority, new WireLog());
export const graph = new Graph(tenant, entra, authority);
entra.listen();
graph.listen();
export const boss = tenant.addPerson({
  displayName: "Boss",
  userPrincipalName: "boss@sandbox.example",
  roles: ["Global Administrator"],
});
export const ana = tenant.addPerson({ displayName: "Ana", userPrincipalName: "ana@sandbox.example" });

/** Call it at the top of a test file: each test gets a clean tenant. The servers end with the process. */
export function openStage(): void {
  // Keys, TLS and schemas take a second on a busy machine.
  setDefaultTimeout(60_000);
  beforeEach(reset);
}

function reset(): void {
  entra.healthy();
  graph.healthy();
  graph.throttle.enabled = false;
  for (const map of [tenant.applications, tenant.catalog, tenant.secrets]) map.clear();
  for (const [id, principal] of tenant.servicePrincipals) {
    if (principal !== tenant.graphPrincipal) tenant.servicePrincipals.delete(id);
  }
  tenant.appRoleAssignments.length = 0;
  tenant.grants.length = 0;
}

export interface Start {
  settings?: Record<string, unknown>;
  locked?: boolean;
  earlier?: Record<string, Record<string, unknown>>;
  frameAncestors?: string;
  siteUrl?: string;
  proxyEnvironment?: Record<string, string>;
  /** Entra's number when it refused the last read of the directory. */
  consentTrouble?: string;
  /** Replaces the product's permissions. */
  permissions?: DeclaredPermissions;
  features?: readonly Feature[];
  /** Absent: no feature listens. */
  changes?: SubscriptionsStatus;
  /** The second admin has a second factor in Mattermost. */
  secondFactor?: boolean;
}

/** The parts of Mattermost that the admin code uses: settings, a key-value store, admins. */
export function world({
  settings: given = {},
  locked = false,
  earlier = {},
  frameAncestors = "",
  siteUrl = SITE,
  secondFactor = false,
  proxyEnvironment = {},
  consentTrouble,
  permissions = productPermissions(),
  features = [],
  changes,
}: Start = {}) {
  let settings: Record<string, unknown> = {
    national_cloud: "custom",
    custom_login_url: entra.url,
    custom_graph_url: graph.url,
    custom_teams_url: "https://teams.sandbox.example",
    custom_ca_certificates: authority.certificate,
    ...given,
  };
  const listeners = new Set<(next: never, previous: never) => void>();
  let current = buildConfig(settings, { siteUrl });
  const store = new Map<string, Uint8Array>();
  const messages: string[] = [];
  const audits: { EventName?: string; Status?: string; EventData?: unknown }[] = [];
  const retries: number[] = [];
  let now = Date.now();

  const config = {
    get current() {
      return current;
    },
    onChange: (listener: (next: never, previous: never) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const bytes = (value: Uint8Array | string) =>
    typeof value === "string" ? new TextEncoder().encode(value) : value;
  const kv = {
    get: async (key: string) => store.get(key) ?? null,
    set: async (key: string, value: Uint8Array | string) => void store.set(key, bytes(value)),
    delete: async (key: string) => void store.delete(key),
    async compareAndSet(key: string, expected: Uint8Array | null, next: Uint8Array | null) {
      if (Buffer.compare(store.get(key) ?? Buffer.from("-"), expected ?? Buffer.from("-")) !== 0)
        return false;
      if (next) store.set(key, next);
      return true;
    },
  };
  const server = {
    ServiceSettings: {
      SiteURL: siteUrl,
      FrameAncestors: frameAncestors,
      AllowCookiesForSubdomains: false,
      EnableMultifactorAuthentication: secondFactor,
    },
  };
  const api = {
    hasPermissionTo: async (userId: string) => userId === ADMIN || userId === OTHER_ADMIN,
    getConfig: async () => travelled(Config, server),
    getUnsanitizedConfig: async () => travelled(Config, { ...server, PluginSettings: { Plugins: earlier } }),
    loadPluginConfiguration: async () => ({ ...settings }),
    async savePluginConfig(next: Record<string, unknown>) {
      if (locked) throw new Error("read-only");
      settings = next;
      const previous = current;
      current = buildConfig(settings, { siteUrl });
      for (const listener of listeners) listener(current as never, previous as never);
    },
    logAuditRec: async (record: (typeof audits)[number]) => void audits.push(record),
    ensureBotUser: async () => "bot",
    getUsers: async () => [{ Id: ADMIN }, { Id: OTHER_ADMIN, MfaActive: secondFactor }],
    getDirectChannel: async (_bot: string, userId: string) => ({ Id: `dm-${userId}` }),
    createPost: async ({ ChannelId, Message }: { ChannelId: string; Message: string }) =>
      void messages.push(`${ChannelId} ${Message}`),
    getUserByUsername: async (name: string) => (name === "ana" ? { Id: name.padEnd(26, "0") } : null),
    getUser: async (userId: string) =>
      userId === "g".repeat(26)
        ? null
        : { Id: userId, DeleteAt: userId.startsWith("d") ? 1 : 0, IsBot: false },
  };
  const microsoft = outgoingFetch(config as never, {});
  let site = () => new Response("ok");
  /** Answers for the site itself, where nothing listens in this test; all other requests go over the wire. */
  const fetch: typeof microsoft = async (url, init) =>
    new URL(url).host === "chat.sandbox.example" ? site() : microsoft(url, init);
  const tokens = createAppTokens({ config: config as never, fetch });
  const teamsApp = createTeamsApp({
    config: config as never,
    store: kv,
    asset: (name) => readFile(new URL(`../../../assets/${name}`, import.meta.url)),
    now: () => new Date(now),
  });
  const links = new Map<string, { objectId: string }>();
  const admin = createAdmin({
    api,
    kv,
    cluster: {
      lock: async () => ({ release: async () => {} }),
      runOnOneNode: () => ({ stop: async () => {} }),
    },
    log: { info() {}, warn() {} },
    supports: async () => true,
    serverVersion: async () => "11.6.0",
    config,
    permissions,
    features,
    subscriptions: {
      active: () => changes !== undefined,
      status: async () => changes as SubscriptionsStatus,
      retry: () => void retries.push(now),
    },
    fetch,
    proxyEnvironment,
    consentTrouble: () => consentTrouble ?? null,
    tokens,
    graph: createGraph({ config: config as never, tokens, fetch }),
    teamsApp,
    compareVersions,
    links: {
      byMattermostUser: async (ids: string[]) =>
        new Map(ids.flatMap((id) => (links.has(id) ? [[id, links.get(id)]] : []))),
      changed() {},
      store: {
        read: async ({ objectId }: { objectId: string }) => {
          const found = [...links].find(([, link]) => link.objectId === objectId);
          return found ? { record: { userId: found[0] } } : null;
        },
        async claim(person: { objectId: string }, userId: string) {
          links.set(userId, { objectId: person.objectId });
          return { outcome: "linked", seen: { record: { userId } } };
        },
      },
    },
    now: () => new Date(now),
  } as unknown as AdminHost);

  async function ask(
    method: string,
    path: string,
    body?: unknown,
    { userId = ADMIN, ...headers }: { userId?: string; "Accept-Language"?: string } = {},
  ) {
    const request = new Request(`${SITE}${path}`, {
      method,
      headers: { "Content-Type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const router = mountRoutes(admin.routes, {
      isSystemAdmin: async (id) => id === ADMIN || id === OTHER_ADMIN,
      explain: explainForAdmins,
    });
    const response = await router.fetch(request, { userId, RequestId: "req1" });
    const type = response.headers.get("Content-Type") ?? "";
    // biome-ignore lint/suspicious/noExplicitAny: answers of a dozen shapes, each compared whole
    const answer: any = type.startsWith("application/json") ? await response.json() : await response.text();
    return { status: response.status, answer };
  }

  return {
    admin,
    ask,
    messages,
    audits,
    retries,
    links,
    store,
    settings: () => settings,
    siteAnswers: (answer: () => Response) => {
      site = answer;
    },
    change: (changes: Record<string, unknown>) => {
      settings = { ...settings, ...changes };
      current = buildConfig(settings, { siteUrl });
      tokens.forget();
    },
    pass: (ms: number) => {
      now += ms;
    },
    /** Plays the dialog: the device code is shown, this person enters it elsewhere, and the console polls. */
    async signIn(purpose: "setup" | "publish", person = boss) {
      const started = await ask("POST", "/api/v1/admin/microsoft", { purpose });
      expect(started.answer).toMatchObject({ state: "pending", verificationUri: `${entra.url}/devicelogin` });
      expect(JSON.stringify(started.answer)).not.toContain("device_code");
      entra.deviceCodes.answer(started.answer.userCode, person.objectId);
      now += 6_000;
      const looked = await ask("GET", `/api/v1/admin/microsoft/${started.answer.id}`);
      expect(looked.answer.signIn).toMatchObject({ state: "signed_in", account: person.userPrincipalName });
      return `/api/v1/admin/microsoft/${started.answer.id}`;
    },
    async settled(dialog: string) {
      for (;;) {
        const { answer } = await ask("GET", dialog);
        if (answer.run.state !== "running") return answer.run;
        await Bun.sleep(5);
      }
    },
    row: async (id: string) => {
      const { answer } = await ask("POST", "/api/v1/checks");
      return answer.report.rows.find((row: { id: string }) => row.id === id);
    },
  };
}

export const fresh = { registration: "new", secretMonths: 12 };
export const repair = { registration: "existing", secretMonths: null };
export const actions = (steps: { kind: string; action: string }[]) =>
  Object.fromEntries(steps.map(({ kind, action }) => [kind, action]));

/** A server whose registration the set-up has created. */
export async function setUp(start: Start = {}) {
  const at = world(start);
  const dialog = await at.signIn("setup");
  await at.ask("POST", `${dialog}/apply`, fresh);
  expect(await at.settled(dialog)).toMatchObject({ state: "done", deferred: [] });
  return { ...at, dialog };
}
