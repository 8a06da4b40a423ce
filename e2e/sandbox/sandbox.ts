/** The whole sandbox in one process: stand-ins of Mattermost, Entra, Graph and Teams around the real plugin. */

import { needs } from "./consent.ts";
import { controlRoutes } from "./control.ts";
import { Entra } from "./entra/server.ts";
import { Graph } from "./graph/server.ts";
import { PluginBundle } from "./mattermost/plugin-bundle.ts";
import { MattermostServer } from "./mattermost/server.ts";
import { login } from "./mattermost/sessions.ts";
import { World } from "./mattermost/world.ts";
import { Pages } from "./pages.ts";
import { cloudSettings, registrationSettings } from "./registration.ts";
import { type Scene, setScene, setTeamsScene } from "./scene.ts";
import { Teams } from "./teams/server.ts";
import { Tenant } from "./tenant.ts";
import type { Application } from "./tenant-apps.ts";
import { Authority } from "./tls/authority.ts";
import { WireLog } from "./wire-log.ts";

export interface SandboxOptions {
  /** Directory of the unpacked bundle. */
  readonly bundlePath: string;
  /** Replaces the bundle's executable. */
  readonly command?: readonly string[];
  /** Additional variables for the plugin's process. */
  readonly environment?: Record<string, string>;
  /** 0: any free port. */
  readonly port?: number;
  /** "" or "/chat". */
  readonly subpath?: string;
  /** Overrides the site URL, e.g. with one that is not https. */
  readonly siteUrl?: string;
  /** How many cluster nodes run the plugin. */
  readonly nodes?: number;
  /** Settings as after an installation: all empty, no registration in Entra. */
  readonly fresh?: boolean;
  /** `Section.Key` of settings held by environment variables. */
  readonly locked?: readonly string[];
  /** `requestedAccessTokenVersion` of the registration. */
  readonly tokenVersion?: 1 | 2;
  /** The web app of Mattermost 10.11, with React 17 and fewer places for plugins, or 11 (default), with React 18. */
  readonly webApp?: 10 | 11;
  /** Settings of the plugin on top of the sandbox's own. */
  readonly settings?: Record<string, unknown>;
  /** The app package is uploaded and installed, as if the visitor had done it. */
  readonly installed?: boolean;
}

export class Sandbox {
  readonly world: World;
  readonly tenant: Tenant;
  readonly wires = new WireLog();
  readonly entra: Entra;
  readonly graph: Graph;
  readonly teams: Teams;
  readonly mattermost: MattermostServer;
  readonly bundle: PluginBundle;
  readonly scene: Scene;
  readonly authority = new Authority("Sandbox Root");
  /** The app registration; null in a fresh sandbox until set-up creates one. */
  readonly registration: { app: Application; secret: string } | null;
  readonly #subpath: string;

  static async start(options: SandboxOptions): Promise<Sandbox> {
    const sandbox = new Sandbox(options, await Pages.build());
    try {
      await sandbox.mattermost.startPlugin();
      if (options.installed) await sandbox.installApp();
    } catch (error) {
      sandbox.close();
      throw error;
    }
    return sandbox;
  }

  private constructor(options: SandboxOptions, pages: Pages) {
    this.#subpath = options.subpath ?? "";
    this.bundle = new PluginBundle(options.bundlePath);
    this.world = new World();
    this.tenant = new Tenant("harbor.example");
    this.scene = setScene(this.world, this.tenant);
    this.entra = new Entra(this.tenant, this.authority, this.wires);
    this.graph = new Graph(this.tenant, this.entra, this.authority, { wires: this.wires });
    setTeamsScene(this.graph, this.scene, this.tenant);
    const control = controlRoutes(this);
    this.teams = new Teams({
      tenant: this.tenant,
      entra: this.entra,
      wires: this.wires,
      pages,
      person: this.scene.alex.person,
      control,
    });
    this.entra.listen();
    this.graph.listen();
    this.teams.listen();

    const base = this.#subpath;
    const webApp = options.webApp === 10 ? "mattermost10" : "mattermost";
    this.mattermost = new MattermostServer({
      world: this.world,
      bundle: this.bundle,
      wires: this.wires,
      ...(options.command && { command: options.command }),
      ...(options.environment && { environment: options.environment }),
      port: options.port ?? 0,
      subpath: base,
      nodes: Array.from({ length: options.nodes ?? 1 }, (_, i) => `node-${i + 1}`),
      page: async (path) =>
        pages.file(path) ?? (/\.\w+$/.test(path) ? null : pages.html(webApp, "Mattermost (stand-in)", base)),
      shownBy: (host) => (host === "127.0.0.1" ? this.teams.url : null),
      extra: async (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/sandbox") return Response.redirect(`${this.teams.url}/sandbox`);
        if (pathname === "/sandbox/enter") return this.#enter(request);
        if (!pathname.startsWith("/sandbox/api/")) return null;
        const url = new URL(request.url);
        url.pathname = url.pathname.slice("/sandbox/api".length);
        return control.fetch(new Request(url.href, request));
      },
    });
    this.mattermost.listen();
    this.world.config.ServiceSettings.SiteURL = options.siteUrl ?? this.siteUrl;
    this.registration = options.fresh
      ? null
      : this.tenant.register("Mattermost", "localhost", options.tokenVersion ?? 2);
    // Consents to the permissions for chats, like an admin who switches them on.
    if (this.registration && options.settings?.chats_enabled === true)
      for (const role of needs.chats.roles) this.tenant.grantRole(this.registration.app.appId, role);
    if (this.registration)
      this.registration.app.redirectUris = [`${this.siteUrl}/plugins/${this.bundle.id}/oauth2/complete`];
    for (const path of options.locked ?? []) this.world.lockedSettings.add(path);
    this.world.config.PluginSettings.Plugins[this.bundle.id] = {
      ...(this.registration ? registrationSettings(this, this.registration) : cloudSettings(this)),
      ...options.settings,
    };
    if (this.registration) this.world.config.ServiceSettings.FrameAncestors = this.teams.url;
  }

  /** The URL for members: another site than Teams, and a secure context without https. */
  get siteUrl(): string {
    return `http://localhost:${this.mattermost.port}${this.#subpath}`;
  }

  /** The same server under Teams' site, for the colleague's own browser: its cookies are first-party there. */
  get colleagueUrl(): string {
    return `http://127.0.0.1:${this.mattermost.port}${this.#subpath}`;
  }

  get url(): string {
    return `http://localhost:${this.mattermost.port}/sandbox`;
  }

  /** Downloads the package from the plugin as its admin, and uploads it to Teams. */
  async installApp(): Promise<void> {
    const { session } = login(this.world, this.scene.sam.user, new Request(this.siteUrl));
    const response = await fetch(`${this.siteUrl}/plugins/${this.bundle.id}/api/v1/app-package`, {
      headers: { Authorization: `Bearer ${session.Token}` },
    });
    this.world.sessions.delete(session.Id);
    if (!response.ok) throw new Error(`app package: ${response.status} ${await response.text()}`);
    this.teams.upload(new Uint8Array(await response.arrayBuffer()));
  }

  close(): void {
    this.mattermost.close();
    this.teams.close();
    this.graph.close();
    this.entra.close();
  }

  /** Signs a colleague in and redirects to a page: the sandbox's second screen. */
  #enter(request: Request): Response {
    const url = new URL(request.url);
    const user = this.world.userByUsername(url.searchParams.get("as") ?? "");
    if (!user) return new Response("nobody of that name", { status: 404 });
    const to = url.searchParams.get("to") ?? "/";
    const headers = new Headers({ Location: `${this.#subpath}${to.startsWith("/") ? to : "/"}` });
    for (const cookie of login(this.world, user, request).cookies) headers.append("Set-Cookie", cookie);
    return new Response(null, { status: 302, headers });
  }
}
