// Checks that docs/networks.md lists every host of every cloud, and no host that the code does not know.
import { describe, expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { type Cloud, clouds } from "../server/microsoft/clouds/clouds.ts";
import { root } from "./architecture.ts";

const page = await Bun.file(join(root, "docs/networks.md")).text();
const columns = ["commercial", "gcchigh", "dod", "china"] as const;
type Column = (typeof columns)[number];

/** Hosts in backticks, wildcards included; settings such as `custom_login_url` have no dot. */
const hostsIn = (text: string) =>
  [...text.matchAll(/`((?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+)`/g)].map(([, host = ""]) => host);

/** The cells of the table row that begins with `label`, one for each cloud. */
function row(text: string, label: string): Record<Column, string[]> {
  const line = text.split("\n").find((one) => one.startsWith(`| ${label}`)) ?? "";
  const cells = line.split("|").slice(2, 2 + columns.length);
  return Object.fromEntries(columns.map((name, at) => [name, hostsIn(cells[at] ?? "")])) as never;
}

/** The row of a cloud in the table of frame hosts. */
const frames = (text: string, label: string) =>
  hostsIn(
    text
      .slice(text.indexOf("## Who may show the tab in a frame"))
      .split("\n")
      .find((one) => one.startsWith(`| ${label} |`)) ?? "",
  );

const host = (url: string) => new URL(url).host;
const wanted: Record<string, (cloud: Cloud) => string> = {
  Login: ({ loginUrl }) => host(loginUrl),
  Graph: ({ graphUrl }) => host(graphUrl),
  Files: ({ fileHosts }) => `*.${fileHosts[0]}`,
  "Members: the Teams client": ({ teamsUrl }) => host(teamsUrl),
  "Admins: the portal": ({ portalUrl }) => host(portalUrl),
};
const labels: Record<Column, string> = {
  commercial: "Commercial, GCC",
  gcchigh: "GCC High",
  dod: "DoD",
  china: "China (21Vianet)",
};

/** The differences between the page and the code. */
function differences(text: string): string[] {
  const wrong: string[] = [];
  for (const name of columns) {
    const cloud = clouds[name];
    for (const [label, of] of Object.entries(wanted)) {
      if (row(text, label)[name][0] !== of(cloud)) wrong.push(`${name}, ${label}: ${of(cloud)}`);
    }
    const ours = cloud.frameAncestors.map((origin) => origin.replace("https://", ""));
    if (frames(text, labels[name]).join(" ") !== ours.join(" ")) wrong.push(`${name}, frames`);
  }
  return wrong;
}

/** Rooms that declare what they send, and a row of the table *When* for each. */
const moments: Readonly<Record<string, RegExp>> = {
  "server/admin": /^\*Run the checks\*/,
  "server/features/activity": /^A notification$/,
  "server/features/calendar": /^Calendar: /,
  "server/features/channels": /in a linked channel/,
  "server/features/chats": /^A message in a Teams chat/,
  "server/features/sign-in": /^Somebody opens the tab$/,
  "server/features/teams-app": /^\*Publish to Teams\*$/,
  "server/microsoft/entra": /^First sign-in/,
  "server/microsoft/subscriptions": /^A feature follows changes/,
  "server/people/connections": /^A member connects/,
};

describe("the table of calls in docs/networks.md", () => {
  const start = page.indexOf("| When |");
  const rows = page
    .slice(start, page.indexOf("\n\n", start))
    .split("\n")
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const labelled = rows.map(([, label = ""]) => label);

  test("has a row for each room that declares what it sends", () => {
    const rooms = [...new Glob("server/**/leaves.ts").scanSync({ cwd: root })].map(dirname);
    expect(rooms.sort()).toEqual(Object.keys(moments).sort());
    const missing = Object.entries(moments).filter(([, of]) => !labelled.some((label) => of.test(label)));
    expect(missing).toEqual([]);
  });

  test("names a host in each row", () => {
    for (const [, label, ...cells] of rows)
      expect([label, cells.some((cell) => cell !== "")]).toEqual([label, true]);
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([7]));
  });
});

describe("the hosts of docs/networks.md", () => {
  test("are those of the clouds in the code", () => {
    expect(differences(page)).toEqual([]);
  });

  test("every cloud of the code has its column", () => {
    expect(Object.keys(clouds).sort()).toEqual([...columns].sort());
    for (const { fileHosts } of Object.values(clouds)) expect(fileHosts).toHaveLength(1);
  });

  test("a missing and a wrong host are found", () => {
    expect(differences(page.replaceAll("`dod-graph.microsoft.us`", ""))).toEqual([
      "dod, Graph: dod-graph.microsoft.us",
    ]);
    expect(differences(page.replace("`webmail.apps.mil`, ", ""))).toEqual(["dod, frames"]);
    expect(differences(page.replace("`portal.azure.cn`", "`portal.azure.com`"))).toEqual([
      "china, Admins: the portal: portal.azure.cn",
    ]);
  });
});
