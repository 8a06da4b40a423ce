/**
 * Playwright with a separate sandbox for every spec: the real plugin executable with stand-ins around it, and
 * Chromium with third-party cookies blocked. See e2e/README.md for the functions of the handle.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, type FrameLocator, type Page } from "@playwright/test";
import { test as base } from "./browser.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface StartOptions {
  /** Empty settings and no registration, as after an installation. */
  fresh?: boolean;
  /** The app package is already uploaded and installed. Default true; false with `fresh`. */
  installed?: boolean;
  subpath?: string;
  nodes?: number;
  siteUrl?: string;
  tokenVersion?: 1 | 2;
  /** The web app of Mattermost 10.11, which has React 17, or of 11. SANDBOX_WEB_APP sets another default. */
  webApp?: 10 | 11;
  /** `Section.Key` of settings held by environment variables. */
  locked?: string[];
  /** Settings of the plugin on top of the sandbox's. */
  settings?: Record<string, unknown>;
}

export interface SandboxInfo {
  readonly siteUrl: string;
  readonly colleagueUrl: string;
  readonly teamsUrl: string;
  readonly entraUrl: string;
  readonly graphUrl: string;
  readonly caCertificate: string;
  readonly pluginId: string;
  readonly tenantId: string;
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  readonly people: { objectId: string; displayName: string; userPrincipalName: string }[];
  readonly users: { id: string; username: string; email: string }[];
}

export interface Activity {
  readonly recipient: string;
  readonly activityType: string;
  readonly text: string;
  readonly preview: string;
  readonly topic: string;
  readonly webUrl: string;
}

export interface WireEntry {
  readonly id: number;
  readonly wire: string;
  readonly what: string;
  readonly detail?: string;
  readonly ok: boolean;
  readonly node?: string;
}

export class SandboxHandle {
  readonly #child: ChildProcess;
  /** `http://localhost:<port>/sandbox` */
  readonly url: string;
  readonly info: SandboxInfo;

  static async start(options: StartOptions = {}): Promise<SandboxHandle> {
    const installed = options.installed ?? !options.fresh;
    const webApp = options.webApp ?? process.env.SANDBOX_WEB_APP;
    const args = [
      "build/bun.mjs",
      "e2e/sandbox/main.ts",
      "--no-build",
      "--until-stdin-ends",
      ...(installed ? ["--installed"] : []),
      ...(options.fresh ? ["--fresh"] : []),
      ...(options.subpath ? ["--subpath", options.subpath] : []),
      ...(options.nodes ? ["--nodes", String(options.nodes)] : []),
      ...(options.siteUrl ? ["--site-url", options.siteUrl] : []),
      ...(webApp === undefined ? [] : ["--web-app", String(webApp)]),
      ...(options.tokenVersion ? ["--token-version", String(options.tokenVersion)] : []),
      ...(options.locked ?? []).flatMap((path) => ["--lock", path]),
      ...(options.settings ? ["--settings", JSON.stringify(options.settings)] : []),
    ];
    const child = spawn("node", args, {
      cwd: root,
      env: { ...process.env, PORT: "0" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /^Sandbox ready: (\S+)$/.exec(line)?.[1];
      if (!url) continue;
      child.stdout.resume();
      const info = (await (await fetch(`${url}/api/info`)).json()) as SandboxInfo;
      return new SandboxHandle(child, url, info);
    }
    throw new Error(`the sandbox did not start: ${errors}`);
  }

  private constructor(child: ChildProcess, url: string, info: SandboxInfo) {
    this.#child = child;
    this.url = url;
    this.info = info;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await gone;
  }

  /** Calls a lever of the sandbox (e2e/sandbox/control.ts): POST with a body, else GET. */
  async control<T = Record<string, unknown>>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/api${path}`, {
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** Writes a post. `channel`: a name such as `operations`, or `@alex` for a direct message. */
  post(as: string, channel: string, message: string, rootId = ""): Promise<{ id: string }> {
    return this.control("/post", { as, channel, message, rootId });
  }

  activities(): Promise<Activity[]> {
    return this.control("/activities");
  }

  log(since = 0): Promise<WireEntry[]> {
    return this.control(`/log?since=${since}`);
  }

  /** Prints the failed calls and the log lines of the plugin, for a spec that failed. */
  async reportFailures(title: string): Promise<void> {
    const wires = (await this.log()).filter(({ ok, wire }) => !ok || wire === "process");
    const logs = await this.control<{ level: string; message: string }[]>("/logs");
    const bad = logs.filter(({ level }) => level === "error" || level === "warn");
    const lines = [...wires, ...bad].map((entry) => `  ${JSON.stringify(entry).slice(0, 400)}`);
    console.log([`In the sandbox of "${title}":`, ...lines.slice(-40)].join("\n"));
  }

  /** Signs a colleague's browser in (under Teams' site, so that its cookies are first-party). */
  async enter(page: Page, username: string, to = "/"): Promise<void> {
    const origin = new URL(this.info.colleagueUrl).origin;
    await page.goto(`${origin}/sandbox/enter?as=${username}&to=${encodeURIComponent(to)}`);
  }

  /** Opens the plugin's page of the System Console, as Sam, who administers both sides. */
  async openConsole(page: Page): Promise<void> {
    await this.enter(page, "sam", `/admin_console/plugins/plugin_${this.info.pluginId}`);
  }

  /**
   * Opens Teams with the tab in it. `query` configures the host: theme, locale, host, silent, twice, tokenHangs,
   * tokenDelay, person, view.
   */
  async openTeams(page: Page, query: Record<string, string> = {}): Promise<TeamsPage> {
    await page.goto(`${this.info.teamsUrl}/?${new URLSearchParams(query)}`);
    return new TeamsPage(page);
  }
}

export class TeamsPage {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }
  /** The plugin's shell page. */
  get shell(): FrameLocator {
    return this.page.frameLocator('iframe[name="embedded-page-container"]');
  }
  /** Mattermost inside the shell. */
  get mattermost(): FrameLocator {
    return this.shell.frameLocator("iframe.mattermost");
  }
  get rail() {
    return this.page.getByRole("navigation", { name: "Apps" });
  }
  /** Waits until the person is in Mattermost. */
  async arrive(username: string): Promise<void> {
    await expect(this.mattermost.locator(`.app[data-user="${username}"] .post`).first()).toBeVisible();
    await expect(this.shell.locator("iframe.mattermost:not(.covered)")).toBeVisible();
  }
}

interface Fixtures {
  start: StartOptions;
  sandbox: SandboxHandle;
}

export const test = base.extend<Fixtures>({
  start: [{}, { option: true }],
  sandbox: async ({ start }, use, info) => {
    const sandbox = await SandboxHandle.start(start);
    await use(sandbox);
    if (info.status !== info.expectedStatus) await sandbox.reportFailures(info.title);
    await sandbox.stop();
  },
});

export { expect };
