/**
 * The official Mattermost image holds glibc and nothing else: no shell, no libstdc++. So the executable may
 * need exactly glibc's own libraries, and must answer a person who starts it by hand.
 */

import { join } from "node:path";
import { root } from "./architecture.ts";
import { ownPlatform } from "./executable.ts";

const ALLOWED = [
  "libc.so.6",
  "libm.so.6",
  "libdl.so.2",
  "libpthread.so.0",
  "ld-linux-x86-64.so.2",
  "ld-linux-aarch64.so.1",
];

const executable = join(root, "dist/mission-collaboration/server/dist", `plugin-${ownPlatform}`);
let failed = 0;

function report(name: string, ok: boolean, evidence: string): void {
  if (!ok) failed += 1;
  console.log(`${ok ? "ok" : "FAIL"} ${name}${ok ? "" : `: ${evidence}`}`);
}

if (process.platform === "linux") {
  const needed = neededLibraries(new Uint8Array(await Bun.file(executable).arrayBuffer()));
  report(
    "needs glibc and nothing else",
    needed.length > 0 && needed.every((name) => ALLOWED.includes(name)),
    needed.join(" "),
  );
} else {
  console.log(`The shared libraries were not checked: ${process.platform} executables are not ELF.`);
}

const byHand = Bun.spawnSync([executable], { env: { PATH: "" }, cwd: "/" });
const said = byHand.stderr.toString();
report(
  "started by hand, it says what it is and ends with 1",
  byHand.exitCode === 1 && /Mattermost plugin/.test(said),
  `${byHand.exitCode} ${said}`,
);
report("started by hand, it prints nothing to stdout", byHand.stdout.length === 0, byHand.stdout.toString());

console.log(`${process.platform === "linux" ? 3 - failed : 2 - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** DT_NEEDED entries of a 64-bit little-endian ELF file (System V ABI, "Dynamic Section"). */
function neededLibraries(file: Uint8Array): string[] {
  const view = new DataView(file.buffer);
  const u64 = (at: number) => Number(view.getBigUint64(at, true));
  const PT_LOAD = 1;
  const PT_DYNAMIC = 2;
  const DT_NEEDED = 1;
  const DT_STRTAB = 5;
  const segments = Array.from(
    { length: view.getUint16(56, true) },
    (_, index) => u64(32) + index * view.getUint16(54, true),
  ).map((at) => ({
    type: view.getUint32(at, true),
    offset: u64(at + 8),
    address: u64(at + 16),
    size: u64(at + 32),
  }));
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  if (!dynamic) return [];
  const entries: { tag: number; value: number }[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16)
    entries.push({ tag: u64(at), value: u64(at + 8) });
  const table = entries.find((entry) => entry.tag === DT_STRTAB)?.value ?? 0;
  const home = segments.find((s) => s.type === PT_LOAD && s.address <= table && table < s.address + s.size);
  if (!home) return [];
  const strings = table - home.address + home.offset;
  return entries
    .filter((entry) => entry.tag === DT_NEEDED)
    .map((entry) => {
      const start = strings + entry.value;
      return new TextDecoder().decode(file.subarray(start, file.indexOf(0, start)));
    });
}
