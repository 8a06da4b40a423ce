/**
 * `npm run generate`: writes the checked-in generated files; with `-- --check` it only lists the stale ones. Wire
 * types (server/runtime/mattermost/*.gen.ts) come from the official Go module and need Go; see build/wire-types.
 */

import { join } from "node:path";
import { root } from "./architecture.ts";
import { commandsPage } from "./commands-page.ts";
import { errorsPage } from "./errors-page.ts";
import { privacyPage } from "./leaving-table.ts";
import { permissionsPage } from "./permissions-page.ts";
import { adminGuide, pluginJson } from "./plugin-json.ts";
import { storedKeysPage } from "./stored-keys-page.ts";
import { windowsZonesPage } from "./windows-zones.ts";

const check = process.argv.includes("--check");
let stale = 0;

/** Path → the text that the file should have. */
const pages: Record<string, () => string | Promise<string>> = {
  "plugin.json": pluginJson,
  "docs/admin-guide.md": adminGuide,
  "docs/security-and-privacy.md": privacyPage,
  "docs/commands.md": () => commandsPage(),
  "docs/errors.md": () => errorsPage(),
  "docs/permissions.md": () => permissionsPage(),
  "docs/stored-keys.md": () => storedKeysPage(),
  "server/microsoft/time-zones/windows-zones.gen.ts": windowsZonesPage,
};

for (const [path, make] of Object.entries(pages)) {
  const file = Bun.file(join(root, path));
  const fresh = await make();
  const current = (await file.exists()) ? await file.text() : "";
  if (current === fresh) continue;
  if (check) {
    stale += 1;
    console.log(`FAIL ${path} is stale: run "npm run generate"`);
  } else {
    await Bun.write(file, fresh);
    console.log(`wrote ${path}`);
  }
}

const wireTypes = Bun.spawn(
  [process.execPath, join(root, "build/wire-types/run.ts"), ...process.argv.slice(2)],
  {
    stdio: ["ignore", "inherit", "inherit"],
  },
);
if ((await wireTypes.exited) !== 0) stale += 1;
if (stale > 0) process.exit(1);
