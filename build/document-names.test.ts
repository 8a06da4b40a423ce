// Tests that every command, route and name in code that a document mentions exists.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { EARLIER_TRIGGER, TRIGGER, type Word } from "../server/platform/commands/index.ts";
import { root } from "./architecture.ts";
import { commandsPage } from "./commands-page.ts";
import { permissionsPage } from "./permissions-page.ts";
import { declaredFeatures } from "./product-features.ts";

/** docs/facts is about Microsoft, docs/plugin-protocol.md about Mattermost's wire. */
const documents = ["*.md", "docs/*.md", "docs/decisions/*.md"]
  .flatMap((pattern) => [...new Glob(pattern).scanSync(root)])
  .filter((path) => path !== "docs/plugin-protocol.md")
  .sort();
const features = declaredFeatures();

/** In backticks, outside blocks of code. */
const quoted = (markdown: string) =>
  [...markdown.replace(/^ *```[\s\S]*?^ *```/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);

// --- commands -------------------------------------------------------------------------------------------------------

/** `trigger subcommand` → the words that may follow. */
const commands = new Map<string, readonly Word[]>();
for (const { name, trigger = TRIGGER, words = [] } of features.flatMap((one) => one.commands ?? [])) {
  commands.set(`${trigger} ${name}`, words);
  // The earlier name has all words of the command, and keeps its own.
  if (trigger === TRIGGER && !commands.has(`${EARLIER_TRIGGER} ${name}`))
    commands.set(`${EARLIER_TRIGGER} ${name}`, words);
}
const triggers = new Set([...commands.keys()].map((key) => key.split(" ")[0] ?? ""));

/** `/teams status`, `/mscalendar summary time 8:00AM`; a path such as `/teams/{id}` is none. */
function unknownCommands(text: string): string[] {
  return quoted(text).filter((typed) => {
    const [first = "", name = "", next = ""] = typed.split(/\s+/);
    if (!first.startsWith("/") || !triggers.has(first.slice(1)) || name === "" || name === "help")
      return false;
    const words = commands.get(`${first.slice(1)} ${name}`);
    if (!words) return true;
    return /^[a-z-]+$/.test(next) && words.length > 0 && !words.some(({ word }) => word === next);
  });
}

// --- routes ---------------------------------------------------------------------------------------------------------

/** Mattermost's own routes, from its API reference. */
const serverRoutes = [
  "POST /api/v4/users/:id/sessions/revoke/all",
  "POST /api/v4/users/sessions/revoke/all",
  "DELETE /api/v4/users/:id",
];
const nameless = (path: string) => path.replaceAll(/:\w+|\{\w+\}|\$\w+/g, ":id");
const routes = new Set([
  ...serverRoutes,
  ...features
    .flatMap((one) => one.routes?.list ?? [])
    .flatMap(({ method, path }) =>
      (method === "ALL" ? ["GET", "POST", "PUT", "DELETE"] : [method]).map(
        (one) => `${one} ${nameless(path)}`,
      ),
    ),
]);

/** `GET /api/v1/…`, with the plugin's path, `…` or `{site}` in front, or without; and the same in `curl`. */
function unknownRoutes(text: string): string[] {
  const written = [
    ...text.matchAll(/`(GET|POST|PUT|DELETE) (?:\{site\}|…)?(\/[^`\s?]+)/g),
    ...text.matchAll(/curl -X (\w+) .*?https:\/\/[^/\s]+(\/[^"\s?]+)/g),
  ];
  return written
    .map(
      ([, method, path = ""]) => `${method} ${nameless(path.replace("/plugins/mission-collaboration", ""))}`,
    )
    .filter((route) => !routes.has(route));
}

// --- names in code --------------------------------------------------------------------------------------------------

const sources = (
  await Promise.all(
    ["server/**/*.{ts,json}", "webapp/**/*.{ts,tsx,json}", "e2e/**/*.ts", "build/**/*.ts", "bench/**/*.ts"]
      .flatMap((pattern) => [...new Glob(pattern).scanSync(root)])
      .filter((path) => !path.includes("node_modules") && !path.endsWith("document-names.test.ts"))
      .concat("plugin.json", "manifest-template/manifest.json", "docs/monitoring/grafana-dashboard.json")
      .map((path) => Bun.file(join(root, path)).text()),
  )
).join("\n");

/** Of nginx, Prometheus and the Mattermost server. */
const FOREIGN_NAMES = ["client_max_body_size", "proxy_set_header", "rule_files", "prepackaged_plugins"];
/** The code composes these names: the kind of a step and its action, or the reason why a person left the directory. */
const COMPOSED = ["directory_disabled", "directory_deleted", "status_restore", "custom_set"];
const exempt = new Set([...FOREIGN_NAMES, ...COMPOSED]);

/** `chats_reply`, `microsoft365_settings_imported`: settings, errors, records, metrics, stored keys. */
function unknownNames(text: string): string[] {
  return quoted(text)
    .filter((name) => /^[a-z0-9]+(_[a-z0-9]+)+$/.test(name) && !exempt.has(name))
    .filter((name) => {
      // Records of the audit log and metrics are written without their common beginning.
      const own = name.replace(/^(microsoft365|mission_collaboration|msteams_connect)_/, "");
      return !sources.includes(name) && !sources.includes(`"${own}"`);
    });
}

describe("names in documents", () => {
  for (const path of documents) {
    test(path, async () => {
      const text = await Bun.file(join(root, path)).text();
      expect([...unknownCommands(text), ...unknownRoutes(text), ...unknownNames(text)]).toEqual([]);
    });
  }

  test("the guides are among the documents", () => {
    for (const name of ["README.md", "docs/admin-guide.md", "docs/migration.md"])
      expect(documents).toContain(name);
  });

  test("commands, routes and names that do not exist are found", () => {
    expect(
      unknownCommands("`/teams dance`, `/msteams notifications maybe`, `/mscalendar`, `/teams/{id}`"),
    ).toEqual(["/teams dance", "/msteams notifications maybe"]);
    expect(unknownRoutes("`GET /api/v1/everything?now`, `PUT …/api/v1/chats/settings`")).toEqual([
      "GET /api/v1/everything",
    ]);
    expect(
      unknownRoutes(
        'curl -X POST -F a=@b "https://chat.example.com/plugins/mission-collaboration/api/v1/x?dry=true"',
      ),
    ).toEqual(["POST /api/v1/x"]);
    expect(unknownNames("`chats_reply`, `chats_dance`, `sign_in_refused`")).toEqual(["chats_dance"]);
  });
});

test("docs/operations.md quotes only log lines that the code writes", async () => {
  const text = await Bun.file(join(root, "docs/operations.md")).text();
  const table = text.slice(text.indexOf("### Logs"), text.indexOf("### Support packet"));
  const lines = [...table.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, cell = ""]) => quoted(cell));
  expect(lines.length).toBeGreaterThan(10);
  // `…` stands for the rest of a line, or for a name within it.
  const unknown = lines.filter((line) => !sources.includes(line.split("…")[0]?.trim() ?? ""));
  expect(unknown).toEqual([]);
});

for (const [path, page] of Object.entries({
  "docs/commands.md": commandsPage,
  "docs/permissions.md": permissionsPage,
}))
  test(`${path} is fresh: npm run generate`, async () => {
    expect(await Bun.file(join(root, path)).text()).toBe(page());
  });

test("every permission of the page has a reason and a loss", () => {
  const rows = permissionsPage()
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(rows.length).toBeGreaterThan(20);
  for (const line of rows) expect(line).toMatch(/^\| `.+` \| \w.+ \| [A-Z].+\. \| [A-Z].+\. \|$/);
});
