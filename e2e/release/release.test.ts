/** The packed bundle: what Mattermost will unpack, within a proxy's usual limit, the same bytes twice. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAX_BUNDLE_BYTES, packBundle, tarBundle } from "../../build/dist.ts";
import { ownPlatform } from "../../build/executable.ts";
import { licencesPage, shippedPackages } from "../../build/licences.ts";

const folder = mkdtempSync(join(tmpdir(), "release-"));
/** A copy: a build that runs meanwhile must not change what is compared. */
const bundlePath = join(folder, "built/mission-collaboration");
const executable = `server/dist/plugin-${ownPlatform}`;
let packed: Uint8Array;

beforeAll(async () => {
  await cp(join(import.meta.dir, "../../dist/mission-collaboration"), bundlePath, { recursive: true });
  packed = await packBundle(bundlePath);
  await Bun.write(join(folder, "bundle.tar.gz"), packed);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("it is smaller than the 50 MB that proxies usually let pass", () => {
  console.log(
    `packed: ${packed.length.toLocaleString("en")} of ${MAX_BUNDLE_BYTES.toLocaleString("en")} bytes`,
  );
  expect(packed.length).toBeLessThan(MAX_BUNDLE_BYTES);
});

test("the same bundle gives the same bytes", async () => {
  const [one, other] = [await tarBundle(bundlePath), await tarBundle(bundlePath)];
  expect(one.equals(other)).toBe(true);
}, 60_000);

test("it unpacks into one folder named after the plugin, with directories and plain files only", () => {
  const listed = Bun.spawnSync(["tar", "-tvzf", join(folder, "bundle.tar.gz")])
    .stdout.toString()
    .trim()
    .split("\n");
  expect(listed.length).toBeGreaterThan(15);
  for (const line of listed) {
    expect(line).toMatch(/^[d-]/);
    expect(line).toMatch(/ mission-collaboration\//);
    expect(line).not.toContain("..");
  }
});

test("the executable may be executed, everything is where plugin.json says", async () => {
  Bun.spawnSync(["tar", "-xzf", join(folder, "bundle.tar.gz"), "-C", folder]);
  const unpacked = join(folder, "mission-collaboration");
  const manifest = await Bun.file(join(unpacked, "plugin.json")).json();
  expect(manifest.server.executables).toEqual({ [ownPlatform]: executable });
  expect(statSync(join(unpacked, executable)).mode & 0o777).toBe(0o755);
  expect(statSync(join(unpacked, "plugin.json")).mode & 0o777).toBe(0o644);
  for (const path of [manifest.webapp.bundle_path, "public/tab/assets.json", "assets/color.png"]) {
    expect(statSync(join(unpacked, path)).size).toBeGreaterThan(0);
  }
});

test("what was packed starts: by hand it says that it is a plugin", () => {
  const started = Bun.spawnSync([join(folder, "mission-collaboration", executable)], { env: {}, cwd: "/" });
  expect(started.exitCode).toBe(1);
  expect(started.stderr.toString()).toContain("Mattermost plugin");
});

test("every shipped package comes with its licence", async () => {
  const shipped = await shippedPackages();
  const names = shipped.map((one) => one.name);
  for (const name of ["@azure/msal-node", "hono", "react", "zod"]) expect(names).toContain(name);
  for (const name of ["typescript", "webpack", "@playwright/test"]) expect(names).not.toContain(name);
  const page = await licencesPage();
  for (const { name, version } of shipped) expect(page).toContain(`${name} ${version}`);
});
