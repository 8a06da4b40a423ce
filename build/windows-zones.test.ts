import { expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "./architecture.ts";
import { windowsZonesPage } from "./windows-zones.ts";

test('the table of Windows zones is the one of the pinned CLDR; if not, run "npm run generate"', async () => {
  const written = await Bun.file(join(root, "server/microsoft/time-zones/windows-zones.gen.ts")).text();
  expect(written === windowsZonesPage()).toBe(true);
  expect(written.split("\n").filter((line) => line.startsWith('  "')).length).toBe(139);
});
