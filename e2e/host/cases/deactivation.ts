import { createServer, type Server, type Socket } from "node:net";
import { isRunning } from "../../is-running.ts";
import { until } from "../../until.ts";
import { Host } from "../host.ts";
import { type Case, equal, isTrue, type Place } from "./case.ts";

/** The server waits no longer than this, so the plugin must stop in time even if Microsoft does not answer. */
const MAX_MS = 2_000;

/** A Microsoft that accepts every connection and never answers. */
class SilentMicrosoft {
  readonly sockets = new Set<Socket>();
  accepted = 0;
  readonly #server: Server;
  port = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<SilentMicrosoft> {
    const server = createServer();
    const silent = new SilentMicrosoft(server);
    server.on("connection", (socket) => {
      silent.accepted++;
      silent.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => silent.sockets.delete(socket));
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    silent.port = (server.address() as { port: number }).port;
    return silent;
  }

  settings(): Record<string, unknown> {
    const url = `https://127.0.0.1:${this.port}`;
    return {
      national_cloud: "custom",
      custom_login_url: url,
      custom_graph_url: url,
      custom_teams_url: url,
      m365_tenant_id: "11111111-2222-4333-8444-555555555555",
      m365_client_id: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
      m365_client_secret: "a-secret-of-this-test",
      app_id: "99999999-8888-4777-8666-555555555555",
    };
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
  }
}

const world = {
  Users: [
    {
      Id: "admin".padEnd(26, "0"),
      Username: "admin",
      Email: "admin@example.org",
      Roles: "system_user system_admin",
    },
  ],
  Sessions: [{ Id: "s", Token: "token", UserId: "admin".padEnd(26, "0"), Props: { csrf: "csrf" } }],
};
const asAdmin = {
  cookie: "MMAUTHTOKEN=token",
  "X-CSRF-Token": "csrf",
  "X-Requested-With": "XMLHttpRequest",
  "Content-Type": "application/json",
};
const post = (host: Host, path: string, body: unknown) =>
  host.fetch(path, { method: "POST", headers: asAdmin, body: JSON.stringify(body) });

/** A token that is valid enough to make the plugin fetch the keys. */
function tabToken(settings: Record<string, unknown>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    aud: settings.m365_client_id,
    iss: `https://login.microsoftonline.com/${settings.m365_tenant_id}/v2.0`,
    tid: settings.m365_tenant_id,
    oid: "12345678-1234-4234-8234-123456789012",
    ver: "2.0",
    scp: "access_as_user",
    nbf: now - 60,
    iat: now - 60,
    exp: now + 3600,
  };
  return `${part({ alg: "RS256", kid: "k", typ: "JWT" })}.${part(claims)}.${Buffer.alloc(256, 1).toString("base64url")}`;
}

/** Calls to Microsoft that can be in flight when the plugin is deactivated. */
const calls: Record<string, (host: Host, settings: Record<string, unknown>) => Promise<unknown>> = {
  "the daily checks": async () => {},
  "a round of checks": (host) => post(host, "/api/v1/checks", {}),
  "a sign-in (key documents)": (host, settings) =>
    host.fetch("/api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest" },
      body: JSON.stringify({ token: tabToken(settings) }),
    }),
  "an admin's sign-in for the set-up": (host) => post(host, "/api/v1/admin/microsoft", { purpose: "setup" }),
};

/** Deactivates the product's executable while Microsoft accepts connections and never answers. */
export function deactivationCases(place: Place): Case[] {
  return Object.entries(calls).map(
    ([name, begin]): Case => ({
      name: `deactivation while Microsoft does not answer: ${name}, under ${MAX_MS / 1000} s`,
      run: async () => {
        const silent = await SilentMicrosoft.start();
        const host = await Host.start(place);
        try {
          await host.do("world", { world });
          const settings = silent.settings();
          await host.do("configure", {
            settings,
            config: { ServiceSettings: { SiteURL: "https://127.0.0.1:9" } },
          });
          await host.activate();
          // The job of the daily checks runs at once: it makes the first connection, which stays open.
          await until(() => silent.sockets.size > 0, "the checks ask Microsoft");
          const before = silent.accepted;
          const answer = begin(host, settings).catch(() => null);
          if (name !== "the daily checks") await until(() => silent.accepted > before, "Microsoft is asked");
          const { pid } = await host.state();
          const started = performance.now();
          await host.do("deactivate");
          const took = performance.now() - started;
          console.log(`   ${name}: ${Math.round(took)} ms`);
          isTrue(took < MAX_MS, `it took ${Math.round(took)} ms`);
          await until(() => !isRunning(pid), "the process ends");
          const asked = silent.accepted;
          await until(() => silent.sockets.size === 0, "the connections are closed");
          equal(silent.accepted, asked, "connections after the end");
          await answer;
          // Only the plugin's own errors: the host logs a request that the end of the process cut off.
          const errors = host.events.filter((event) => event.event === "log" && event.level === "error");
          equal(
            errors.map((event) => event.message),
            [],
            "errors in the log",
          );
        } finally {
          await host.stop();
          silent.stop();
        }
      },
    }),
  );
}
