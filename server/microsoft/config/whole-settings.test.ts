import { expect, test } from "bun:test";
import { Glob } from "bun";

/**
 * Files that read all settings at once. Rooms read their own section (`config.current.section(…)`), or are passed a
 * `SectionReader`, so that the types show what each depends on.
 */
const READERS = [
  // Prints all of them, without secrets.
  "admin/support-packet.ts",
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
  expect(found.sort()).toEqual(READERS);
});
