/** Shared steps for the tests of upgrades and changes, around one sandbox. */

import { builtBundle } from "../built-bundle.ts";
import type { Entra } from "../sandbox/entra/server.ts";
import { publish } from "../sandbox/mattermost/publish.ts";
import { Sandbox, type SandboxOptions } from "../sandbox/sandbox.ts";
import type { Person } from "../sandbox/tenant.ts";
import type { Application } from "../sandbox/tenant-apps.ts";

const bundlePath = builtBundle();

/** For one test with its processes, on a busy machine: longer than each wait inside, which says what was missing. */
export const PATIENCE_MS = 600_000;

export type CheckStates = Readonly<Record<string, { readonly state: string; readonly evidence: string }>>;

export class Stage {
  readonly sandbox: Sandbox;
  readonly app: Application;

  static async set(options: Partial<SandboxOptions> = {}): Promise<Stage> {
    return new Stage(await Sandbox.start({ bundlePath, installed: true, ...options }));
  }

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    const app = sandbox.registration?.app;
    if (!app) throw new Error("no registration");
    this.app = app;
  }

  get kv() {
    return this.sandbox.world.kv(this.sandbox.bundle.id);
  }

  get #plugin(): string {
    return `http://localhost:${this.sandbox.mattermost.port}/plugins/${this.sandbox.bundle.id}`;
  }

  /** Exchanges a tab token for a session. */
  signIn(
    person: Person,
    from: { app?: Application; entra?: Pick<Entra, "tabToken"> } = {},
  ): Promise<Response> {
    const { app = this.app, entra = this.sandbox.entra } = from;
    return fetch(`${this.#plugin}/api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest" },
      body: JSON.stringify({ token: entra.tabToken(app, person) }),
    });
  }

  /** The reason of the latest refused sign-in, from the audit log. */
  refusedBecause(): string {
    const records = this.sandbox.world.audit.map(
      ({ record }) =>
        record as { EventName?: string; EventData?: { Parameters?: { outcome?: string; reason?: string } } },
    );
    const last = records.findLast(({ EventName }) => EventName === "microsoft365SignIn");
    const { outcome, reason } = last?.EventData?.Parameters ?? {};
    return outcome === "refused" ? String(reason) : `not refused but ${outcome}`;
  }

  /** A request from the console, by Sam. */
  async asAdmin(method: string, path: string): Promise<Response> {
    const site = `http://localhost:${this.sandbox.mattermost.port}`;
    const entered = await fetch(`${site}/sandbox/enter?as=sam`, { redirect: "manual" });
    const cookies = entered.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
    const csrf = cookies.find((cookie) => cookie.startsWith("MMCSRF="))?.slice("MMCSRF=".length) ?? "";
    return fetch(`${this.#plugin}/api/v1${path}`, {
      method,
      headers: { Cookie: cookies.join("; "), "X-CSRF-Token": csrf, "X-Requested-With": "XMLHttpRequest" },
    });
  }

  /** Runs the checks again. */
  async checks(): Promise<CheckStates> {
    const { report } = (await (await this.asAdmin("POST", "/checks")).json()) as {
      report: { rows: { id: string; state: string; evidence: string }[] };
    };
    return Object.fromEntries(report.rows.map(({ id, state, evidence }) => [id, { state, evidence }]));
  }

  /** Saves settings of the plugin and of the server's ServiceSettings, like the System Console. */
  async save(plugin: Record<string, unknown>, service: Record<string, unknown> = {}): Promise<void> {
    const { world, bundle } = this.sandbox;
    const next = structuredClone(world.config);
    Object.assign(next.PluginSettings.Plugins[bundle.id] ?? {}, plugin);
    Object.assign(next.ServiceSettings, service);
    world.saveConfig(next);
    await world.settled();
  }

  /** Sam writes in one of Alex's channels. */
  async mention(Message: string): Promise<string> {
    const { scene, world } = this.sandbox;
    const post = await publish(world, { UserId: scene.sam.user.Id, ChannelId: scene.operations, Message });
    await world.settled();
    return post.Id;
  }

  /** The number of activities in Alex's feed that contain the text. */
  activityCount(words: string): number {
    return this.sandbox.tenant.activities.filter(({ preview }) => preview.includes(words)).length;
  }

  /**
   * Posts that wait for their activity. The server's push may add a second entry for a post; this counts it once.
   */
  outbox(): string[] {
    const records = this.kv.keys().filter((key) => /^queue_activity_[0-9a-z]$/.test(key));
    const posts = records.flatMap((key) => {
      const { entries } = JSON.parse(new TextDecoder().decode(this.kv.get(key) ?? undefined));
      return (entries as { value: { post: string } }[]).map(({ value }) => value.post);
    });
    return [...new Set(posts)];
  }

  /** Entra objects that have a link. */
  linked(): string[] {
    return this.kv.keys().flatMap((key) => (key.startsWith("link.") ? (key.split(".")[2] ?? "") : []));
  }
}
