// Checks that the routes, records, metrics and stored keys in docs/incidents.md exist. `e2e/runbooks` runs its steps.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "./architecture.ts";
import { declaredFeatures } from "./product-features.ts";

const page = await Bun.file(join(root, "docs/incidents.md")).text();
const sources = await sourcesOf("server");

async function sourcesOf(folder: string): Promise<string> {
  const texts: string[] = [];
  for await (const path of new Bun.Glob(`${folder}/**/*.ts`).scan(root))
    if (!path.endsWith(".test.ts")) texts.push(await Bun.file(join(root, path)).text());
  return texts.join("\n");
}

/** Mattermost's own routes, from its API reference. */
const serverRoutes = [
  "POST /api/v4/users/:id/sessions/revoke/all",
  "POST /api/v4/users/sessions/revoke/all",
  "DELETE /api/v4/users/:id",
];

/** Finds `METHOD /path` in a cell, and `curl -X METHOD … https://host/path`; `$USER` is an id. */
function routesIn(text: string): string[] {
  const cells = [...text.matchAll(/`(GET|POST|PUT|DELETE) (\/[^`]+)`/g)];
  const commands = [...text.matchAll(/curl -X (\w+) .*?https:\/\/[^/\s]+(\/\S+)/g)];
  return [...cells, ...commands].map(
    ([, method, path = ""]) => `${method} ${path.replaceAll("$USER", ":id")}`,
  );
}

/** Our routes are compared without the names of their parameters. */
const nameless = (route: string) => route.replaceAll(/:\w+/g, ":id");

function unknownRoutes(text: string): string[] {
  const own = declaredFeatures().flatMap(({ routes }) => routes?.list ?? []);
  const known = new Set([
    ...serverRoutes,
    ...own.map(({ method, path }) => nameless(`${method} /plugins/mission-collaboration${path}`)),
  ]);
  return routesIn(text).filter((route) => !known.has(route));
}

const recordsIn = (text: string) => [...new Set(text.match(/\bmicrosoft365\w+/g))];
const metricsIn = (text: string) => text.match(/(?<=`)[a-z_]+_(?:total|seconds)(?=`)/g) ?? [];

describe("docs/incidents.md", () => {
  test("calls routes that exist", () => {
    expect(routesIn(page).length).toBeGreaterThanOrEqual(6);
    expect(unknownRoutes(page)).toEqual([]);
    expect(
      unknownRoutes("`DELETE /plugins/mission-collaboration/api/v1/admin/everything/$USER`"),
    ).toHaveLength(1);
  });

  test("names audit records and metrics of the product", () => {
    expect(recordsIn(page).length).toBeGreaterThan(8);
    expect(recordsIn(page).filter((name) => !isRecord(name))).toEqual([]);
    expect(isRecord("microsoft365SignOut")).toBe(false);
    expect(metricsIn(page)).toEqual([
      "start_timestamp_seconds",
      "notifications_oldest_waiting_seconds",
      "sign_ins_total",
    ]);
    expect(metricsIn(page).filter((name) => !sources.includes(`"${name}"`))).toEqual([]);
  });

  test("lists every record that the features write by its whole name", () => {
    const written = [...sources.matchAll(/"(microsoft365[A-Z]\w+)"/g)].map(([, name = ""]) => name);
    expect(written.length).toBeGreaterThan(4);
    expect([...new Set(written)].filter((name) => !recordsIn(page).includes(name))).toEqual([]);
  });

  test("lists every incident of the page in the table at its beginning", () => {
    const linked = [...page.slice(0, page.indexOf("\n## ")).matchAll(/\]\(#([\w-]+)\)/g)].map(([, to]) => to);
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, title = ""]) =>
      title.toLowerCase().replaceAll(" ", "-"),
    );
    expect(headings).toEqual([
      "what-you-need-to-know-first",
      ...(linked as string[]),
      "what-the-audit-log-holds",
    ]);
  });

  test("each incident ends with how to see that it worked", () => {
    const sections = page.split(/^## /m).slice(1, -1);
    const without = sections
      .filter((section) => !section.includes("**Verify:**"))
      .map((one) => one.split("\n")[0]);
    expect(without).toEqual(["What you need to know first"]);
  });
});

/** A whole name in the source, or its action after the common prefix. */
function isRecord(name: string): boolean {
  const action = name.replace(/^microsoft365_?/, "");
  return sources.includes(`"${name}"`) || (name.includes("_") && sources.includes(`"${action}"`));
}
