import { expect, test } from "bun:test";
import { Glob } from "bun";

/**
 * Files that still read all settings at once. Rooms read their own section (`config.current.section(…)`), so that the
 * types show what each depends on. Take a file off the list when it does; put none on it.
 */
const READERS = [
  // Permissions of every feature depend on settings of that feature.
  "admin/checks/look.ts",
  "admin/command-line-setup.ts",
  "admin/guide-routes.ts",
  "admin/setup/desired.ts",
  "people/services.ts",
  // Shows all of them, without secrets.
  "admin/draft-routes.ts",
  "admin/support-packet.ts",
  // Still to be moved.
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

test("nobody else reads all settings at once", async () => {
  const found: string[] = [];
  for await (const file of new Glob("**/*.ts").scan(server)) {
    if (/\.(test|gen)\.ts$|(^|\/)testing\/|^microsoft\/config\//.test(file)) continue;
    if (whole.test(await Bun.file(server + file).text())) found.push(file);
  }
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter((file) => !READERS.includes(file)).sort()).toEqual([]);
});
