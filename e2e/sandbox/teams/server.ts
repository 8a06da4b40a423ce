/**
 * The server half of the fake Teams: pages, the person's apps and feed, tokens for the tab. Another site than
 * Mattermost.
 */

import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { Entra } from "../entra/server.ts";
import type { TokenKind } from "../entra/tab-tokens.ts";
import { publishPackage, updatePackage } from "../graph/catalog.ts";
import { Refusal } from "../graph/refusal.ts";
import { readZip } from "../graph/zip.ts";
import type { Pages } from "../pages.ts";
import type { CatalogApp } from "../teams-catalog.ts";
import type { Person, Tenant } from "../tenant.ts";
import type { WireLog } from "../wire-log.ts";

/** The answers of `getAuthToken`: a token of some kind, or one of the error strings of hosts. */
export interface TokenBehaviour {
  kind: TokenKind;
  version: 1 | 2 | null;
  /** `resourceRequiresConsent` while silent; the next call from a user gesture works. */
  consent: "given" | "needed" | "refused";
  /** Any other error string, e.g. `Unexpected`. */
  error: string | null;
}

export interface TeamsPorts {
  readonly tenant: Tenant;
  readonly entra: Entra;
  readonly wires: WireLog;
  readonly pages: Pages;
  /** The person at this screen. */
  readonly person: Person;
  /** The sandbox's own page and its controls, on the same origin. */
  readonly control: Hono;
}

export class Teams {
  readonly tokens: TokenBehaviour = { kind: "good", version: null, consent: "given", error: null };
  readonly #ports: TeamsPorts;
  #server: ReturnType<typeof Bun.serve> | undefined;

  constructor(ports: TeamsPorts) {
    this.#ports = ports;
  }

  listen(port = 0, hostname = "127.0.0.1"): void {
    const app = this.#routes();
    this.#server = Bun.serve({ port, hostname, idleTimeout: 0, fetch: app.fetch });
  }

  close(): void {
    this.#server?.stop(true);
  }

  /** `custom_teams_url`. */
  get url(): string {
    return `http://127.0.0.1:${this.#server?.port ?? 0}`;
  }

  /**
   * Uploads to the organisation's catalog, as in the Teams admin center, and installs the app for the person.
   */
  upload(bytes: Uint8Array): CatalogApp {
    const { tenant, person, wires } = this.#ports;
    const manifest = readZip(bytes)?.get("manifest.json")?.toString("utf8") ?? "{}";
    const id = (JSON.parse(manifest) as { id?: string }).id;
    const known = [...tenant.catalog.values()].find((each) => each.externalId === id);
    const app = known ? updatePackage(tenant, known.id, bytes, false) : publishPackage(tenant, bytes, false);
    tenant.installFor(person.objectId, app.id);
    wires.add("teams", `app package ${known ? "updated" : "uploaded"}`, {
      detail: `${app.displayName} ${app.manifest.version}`,
    });
    return app;
  }

  #token(person: Person, appId: string, silent: boolean): string {
    const { tenant, entra } = this.#ports;
    const { kind, version, consent, error } = this.tokens;
    if (error) throw new Error(error);
    if (consent === "refused") throw new Error("CancelledByUser");
    if (consent === "needed") {
      if (silent) throw new Error("resourceRequiresConsent");
      this.tokens.consent = "given";
    }
    const app = tenant.byClientId(appId);
    if (!app) throw new Error("invalid_resource");
    return entra.tabToken(app, person, { kind, ...(version && { version }) });
  }

  #routes(): Hono {
    const { tenant, wires, pages, control } = this.#ports;
    const app = new Hono();
    const person = (id?: string) => (id && tenant.people.get(id)) || this.#ports.person;
    app.onError((error, c) => {
      if (error instanceof Refusal) return error.response(crypto.randomUUID());
      return c.json({ error: { message: error.message } }, 500);
    });

    app.get("/", () => pages.html("teams", "Microsoft Teams (stand-in)"));
    app.get("/l/entity/*", () => pages.html("teams", "Microsoft Teams (stand-in)"));
    app.get("/chat", () => pages.html("chat", "Chats · Microsoft Teams (stand-in)"));
    app.get("/channels", () => pages.html("channels", "Teams · Microsoft Teams (stand-in)"));
    app.get("/calendar", () => pages.html("outlook", "Calendar · Microsoft Teams (stand-in)"));
    app.get("/sandbox", () => pages.html("story", "Sandbox · Mission Collaboration for Microsoft 365"));
    app.get("/static/sandbox/*", (c) => pages.file(c.req.path) ?? c.notFound());

    app.get("/api/state", (c) => c.json(this.#state(person(c.req.query("person")))));
    /** Signals a change of anything that the page shows, so that it loads the state again. */
    app.get("/api/changes", (c) =>
      streamSSE(c, async (stream) => {
        let last = "";
        const id = c.req.query("person");
        while (!stream.aborted) {
          const state = JSON.stringify(this.#state(person(id)));
          if (state !== last) await stream.writeSSE({ data: state });
          last = state;
          await stream.sleep(400);
        }
      }),
    );
    app.post("/api/token", async (c) => {
      const { personId, appId, silent } = (await c.req.json()) as {
        personId: string;
        appId: string;
        silent: boolean;
      };
      try {
        const token = this.#token(person(personId), appId, silent);
        wires.add("teams", "getAuthToken", {
          detail: `token for ${person(personId).displayName}${this.tokens.kind === "good" ? "" : ` (${this.tokens.kind})`}`,
        });
        return c.json({ token });
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        wires.add("teams", "getAuthToken", { ok: false, detail: message });
        return c.json({ error: message });
      }
    });
    app.post("/api/apps", async (c) =>
      c.json(this.#appJson(this.upload(new Uint8Array(await c.req.arrayBuffer())))),
    );
    app.post("/api/apps/:id/install", (c) => {
      tenant.installFor(person(c.req.query("person")).objectId, c.req.param("id"));
      return c.json({});
    });
    app.post("/api/apps/:id/remove", (c) => {
      tenant.installs.get(person(c.req.query("person")).objectId)?.delete(c.req.param("id"));
      return c.json({});
    });
    app.post("/api/activities/read", async (c) => {
      const { ids } = (await c.req.json()) as { ids: string[] };
      for (const each of tenant.activities) if (ids.includes(each.id)) each.read = true;
      return c.json({});
    });
    app.route("/sandbox/api", control);
    return app;
  }

  #state(person: Person): object {
    const { tenant } = this.#ports;
    const apps = [...tenant.catalog.values()];
    return {
      tenantId: tenant.id,
      person,
      apps: apps.map((each) => ({
        ...this.#appJson(each),
        installed: tenant.isInstalled(person.objectId, each.id),
      })),
      activities: tenant.activities.filter((each) => each.recipientId === person.objectId).reverse(),
      tokens: this.tokens,
    };
  }

  #appJson(app: CatalogApp): object {
    const { id, externalId, displayName, manifest, icons, entraAppId, definitions } = app;
    return {
      id,
      externalId,
      displayName,
      version: definitions.at(-1)?.version ?? "",
      description: manifest.description.short,
      accentColor: manifest.accentColor,
      icon: icons.color,
      outline: icons.outline,
      entraAppId,
      tabs: manifest.staticTabs ?? [],
    };
  }
}
