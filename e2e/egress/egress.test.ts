/**
 * Checks which hosts the plugin contacts. whole-day.test.ts records a whole day with every feature on; here a
 * recording proxy checks each of Microsoft's clouds, whose hosts are real. Needs the bundle (`npm run build`).
 */

import { expect, setDefaultTimeout, test } from "bun:test";
import { builtBundle } from "../built-bundle.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { until } from "../until.ts";
import { RecordingProxy } from "./recording-proxy.ts";
import { contacted } from "./strace.ts";

// Processes start and end on a busy machine.
setDefaultTimeout(600_000);

test("the reader of traces finds connections", () => {
  const line =
    'connect(9, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("203.0.113.7")}, 16) = 0';
  const six =
    'connect(9, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::7", &sin6_addr), sin6_scope_id=0}, 28) = -1';
  expect([...contacted(`${line}\n${six}`)]).toEqual(["203.0.113.7:443", "[2001:db8::7]:443"]);
});

/** As Microsoft lists them (docs/facts/microsoft.md 7), and nothing else. */
const clouds: Readonly<Record<string, readonly string[]>> = {
  commercial: ["login.microsoftonline.com:443", "graph.microsoft.com:443"],
  gcchigh: ["login.microsoftonline.us:443", "graph.microsoft.us:443"],
  dod: ["login.microsoftonline.us:443", "dod-graph.microsoft.us:443"],
  china: ["login.partner.microsoftonline.cn:443", "microsoftgraph.chinacloudapi.cn:443"],
};

test.each(Object.entries(clouds))(
  "%s: every feature on, and only its own hosts are asked for",
  async (name, hosts) => {
    const proxy = RecordingProxy.start();
    const sandbox = await Sandbox.start({
      bundlePath: builtBundle(),
      settings: {
        ...{ national_cloud: name, custom_login_url: "", custom_graph_url: "", custom_teams_url: "" },
        ...{ outgoing_proxy: proxy.url, notification_url: "https://chat.example.com" },
        ...{ chats_enabled: true, chats_reply: true, channels_enabled: true, calendar_enabled: true },
      },
    });
    try {
      const plugin = `${sandbox.siteUrl}/plugins/${sandbox.bundle.id}`;
      const { app } = sandbox.registration ?? {};
      if (!app) throw new Error("no registration");
      const asked = (path: string, init: RequestInit = {}) =>
        fetch(`${plugin}${path}`, { ...init, redirect: "manual", headers: { ...headers, ...init.headers } });
      const entered = await fetch(`${sandbox.siteUrl}/sandbox/enter?as=sam`, { redirect: "manual" });
      const cookies = entered.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
      const csrf = cookies.find((cookie) => cookie.startsWith("MMCSRF="))?.slice("MMCSRF=".length) ?? "";
      const headers = {
        Cookie: cookies.join("; "),
        "X-CSRF-Token": csrf,
        "X-Requested-With": "XMLHttpRequest",
      };

      // These calls fetch keys for a sign-in, redirect to connect, run the checks, and get the app's token for
      // subscriptions and calendars.
      await fetch(`${plugin}/api/v1/session`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest" },
        body: JSON.stringify({ token: sandbox.entra.tabToken(app, sandbox.scene.alex.person) }),
      });
      // The plugin makes its encryption key after it has become active; until then it answers with a page.
      let location = "";
      await until(async () => {
        location = (await asked("/oauth2/connect")).headers.get("Location") ?? "";
        return location !== "";
      }, "connecting is possible");
      expect(new URL(location).host).toBe(String(hosts[0]).replace(":443", ""));
      await asked("/api/v1/checks", { method: "POST", body: "{}" });
      await until(() => hosts.some((host) => proxy.asked.has(host)), "one of its hosts is asked for");
      await Bun.sleep(3_000);
      expect([...proxy.asked].filter((host) => !hosts.includes(host))).toEqual([]);
    } finally {
      sandbox.close();
      proxy.close();
    }
  },
);
