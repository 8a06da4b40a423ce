/** The built executable with a feature that needs accounts, and members who use it like a browser. */

import { mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtBundle } from "../built-bundle.ts";
import type { AuthorizeAnswer } from "../sandbox/entra/authorize.ts";
import { savePluginSettings } from "../sandbox/mattermost/plugin-settings.ts";
import { login } from "../sandbox/mattermost/sessions.ts";
import type { World } from "../sandbox/mattermost/world.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { httpsFront } from "../sandbox/tls/https-front.ts";
import { connectingIsPossible } from "./connecting-is-possible.ts";

type User = ReturnType<World["addUser"]>;

export interface AccountsOptions {
  readonly settings?: Record<string, unknown>;
  readonly nodes?: number;
  readonly subpath?: string;
}

export async function startAccounts({ nodes = 1, settings = {}, subpath = "" }: AccountsOptions = {}) {
  const clockFile = join(mkdtempSync(join(tmpdir(), "clock-")), "shift");
  const sandbox = await Sandbox.start({
    ...{ bundlePath: builtBundle(), nodes, subpath },
    settings: { chats_enabled: true, ...settings },
    environment: {
      BUN_OPTIONS: `--preload=${join(import.meta.dir, "shifted-clock.ts")}`,
      SHIFTED_CLOCK: clockFile,
    },
  });
  const { bundle, entra, graph, mattermost, siteUrl, tenant, world } = sandbox;
  const base = `${siteUrl}/plugins/${bundle.id}`;
  const front = httpsFront(sandbox);
  graph.subscriptions.retryScale = 0.01;
  let shift = 0;
  const now = () => Date.now() + shift;
  entra.now = now;
  graph.subscriptions.now = now;
  graph.chats.now = now;
  // The server and the plugin share a clock, as they run on one machine.
  (world as { now: () => number }).now = now;

  const stored = () => world.config.PluginSettings.Plugins[bundle.id] ?? {};
  async function save(next: Record<string, unknown>): Promise<void> {
    savePluginSettings(world, bundle.id, next);
    await world.settled();
  }

  /** Moves the clocks of the executable, the server, Entra and Graph. */
  async function pass(ms: number): Promise<void> {
    shift += ms;
    // Replaces the file in one step: a clock that is read while it is written would jump back.
    writeFileSync(`${clockFile}.new`, String(shift));
    renameSync(`${clockFile}.new`, clockFile);
    await Bun.sleep(100);
  }

  function browserOf(user: User) {
    let { session } = login(world, user, new Request(siteUrl));
    const signedIn = () => {
      if (session.ExpiresAt <= now()) session = login(world, user, new Request(siteUrl)).session;
      return `Bearer ${session.Token}`;
    };
    const ask = (path: string, init: RequestInit & { json?: unknown } = {}) => {
      const { json, ...rest } = init;
      const headers = {
        ...{ Authorization: signedIn(), "X-Requested-With": "XMLHttpRequest" },
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...init.headers,
      };
      const body = json === undefined ? {} : { body: JSON.stringify(json) };
      return fetch(`${base}${path}`, { redirect: "manual", ...rest, headers, ...body });
    };
    const type = async (command: string) => {
      const response = await fetch(`${siteUrl}/api/v4/commands/execute`, {
        method: "POST",
        headers: { Authorization: signedIn(), "Content-Type": "application/json" },
        body: JSON.stringify({ command, channel_id: sandbox.scene.operations }),
      });
      return (await response.json()) as { text?: string; response_type?: string };
    };
    return { ask, type };
  }

  function member(name: string, part: Partial<User> = {}) {
    const Email = `${name}@harbor.example`;
    const person = tenant.addPerson({ displayName: name, userPrincipalName: Email });
    const user = world.addUser({ Username: name, Email, Roles: "system_user", ...part });
    const { ask, type } = browserOf(user);
    /** Path under the plugin to which Entra redirects the browser. */
    const signIn = async (answer: AuthorizeAnswer = "agree", as = person) => {
      const begun = await ask("/oauth2/connect");
      if (begun.status !== 302) throw new Error(`${begun.status} ${await outcomeOf(begun)}`);
      return entra.signIn(begun.headers.get("Location") ?? "", as, answer).slice(base.length);
    };
    const connect = async () => ask(await signIn());
    const messages = () =>
      [...world.posts.values()].filter((post) => {
        const channel = world.channels.get(post.ChannelId);
        return channel?.Type === "D" && channel.Name.includes(user.Id) && post.DeleteAt === 0;
      });
    const state = async () => (await (await ask("/api/v1/connection")).json()) as Record<string, unknown>;
    return { person, user, ask, type, signIn, connect, messages, state };
  }

  const keys = () => world.kv(bundle.id).keys();
  /** Resolves when the encryption key exists and the nodes know it. */
  const ready = async () => {
    const probe = member(`probe${Math.random().toString(36).slice(2, 8)}`);
    await connectingIsPossible(() => probe.ask("/oauth2/connect"), nodes);
  };
  await ready();
  return {
    ...{ sandbox, world, tenant, entra, graph, mattermost, base, front },
    ...{ stored, save, pass, now, member, keys, ready },
    close() {
      front.close();
      sandbox.close();
    },
  };
}

export type AccountsStage = Awaited<ReturnType<typeof startAccounts>>;

export async function outcomeOf(response: Response): Promise<string> {
  return /data-outcome="(\w+)"/.exec(await response.clone().text())?.[1] ?? "no page";
}
