import { expect, test } from "bun:test";
import { Glob } from "bun";

/**
 * Files that still read all settings at once. Other code reads its own section (`config.current.section(…)`), so that
 * the types show what it depends on. Remove a file from the list when it does the same; do not add files.
 */
const READERS = [
  // Every feature's permissions depend on its settings.
  "admin/checks/look.ts",
  "admin/command-line-setup.ts",
  "admin/guide-routes.ts",
  "admin/setup/desired.ts",
  "people/services.ts",
  // These show all settings, without secrets.
  "admin/draft-routes.ts",
  "admin/support-packet.ts",
  // Not converted yet.
  "admin/checks-routes.ts",
  "admin/checks/member-checks.ts",
  "admin/checks/microsoft-checks.ts",
  "admin/microsoft-routes.ts",
  "admin/microsoft-sign-in.ts",
  "features/calendar/admin/admin-log.ts",
  "features/calendar/core.ts",
  "features/calendar/engine.ts",
  "features/calendar/feature.ts",
  "features/channels/to-mattermost/echo.ts",
  "features/channels/feature.ts",
  "features/channels/links/linking.ts",
  "features/chats/answers/answers.ts",
  "features/chats/feature.ts",
  "features/chats/delivery/files.ts",
  "microsoft/subscriptions/lifecycle/keeper.ts",
  "microsoft/subscriptions/status.ts",
  "microsoft/subscriptions/incoming/webhook.ts",
  "people/connections/flow/code-flow.ts",
  "people/connections/feature.ts",
  "people/connections/flow/from-earlier.ts",
  "people/connections/flow/from-tab.ts",
  "people/connections/index.ts",
];

const server = new URL("../../", import.meta.url).pathname;
const whole =
  /\bconfig(\(\))?(\.current)?\.settings\b|\bsettings\b[^{}]*\}(: Config)? = \S*config(\.current)?;|\{[^{}]*\bsettings\b[^{}]*\}: Config\b/;

test("no other file reads all settings at once", async () => {
  const found: string[] = [];
  for await (const file of new Glob("**/*.ts").scan(server)) {
    if (/\.(test|gen)\.ts$|(^|\/)testing\/|^microsoft\/config\//.test(file)) continue;
    if (whole.test(await Bun.file(server + file).text())) found.push(file);
  }
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter((file) => !READERS.includes(file)).sort()).toEqual([]);
});
