/**
 * Checks that the executable needs nothing but glibc, because the official Mattermost image has no shell and no
 * libstdc++. It must start in a root directory with only glibc's libraries, as a user without rights, on a read-only
 * file system, and it must answer a person who starts it by hand.
 */

import { chmod, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./architecture.ts";
import { neededLibraries } from "./elf.ts";
import { ownPlatform } from "./executable.ts";

const GLIBC = [
  "libc.so.6",
  "libm.so.6",
  "libdl.so.2",
  "libpthread.so.0",
  "ld-linux-x86-64.so.2",
  "ld-linux-aarch64.so.1",
];

/** The server's variables in a plugin's environment (go-plugin's handshake, see docs/plugin-protocol.md). */
const HANDSHAKE = {
  MATTERMOST_PLUGIN: "Securely message teams, anywhere.",
  PLUGIN_MIN_PORT: "10000",
  PLUGIN_MAX_PORT: "25000",
  PLUGIN_PROTOCOL_VERSIONS: "1",
};

const executable = join(root, "dist/mission-collaboration/server/dist", `plugin-${ownPlatform}`);
let passed = 0;
let failed = 0;

function report(name: string, ok: boolean, evidence: string): void {
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${ok ? "ok" : "FAIL"} ${name}${ok ? "" : `: ${evidence}`}`);
}

const byHand = Bun.spawnSync([executable], { env: { PATH: "" }, cwd: "/" });
const said = byHand.stderr.toString();
report(
  "started by hand, it says what it is and ends with 1",
  byHand.exitCode === 1 && /Mattermost plugin/.test(said),
  `${byHand.exitCode} ${said}`,
);
report("started by hand, it prints nothing to stdout", byHand.stdout.length === 0, byHand.stdout.toString());

if (process.platform !== "linux") {
  console.log(
    `Shared libraries and the bare root were not checked: ${process.platform} has no ELF and no such chroot.`,
  );
} else {
  const needed = neededLibraries(new Uint8Array(await Bun.file(executable).arrayBuffer()));
  report(
    "needs glibc and nothing else",
    needed.length > 0 && needed.every((name) => GLIBC.includes(name)),
    needed.join(" "),
  );
  if (process.getuid?.() === 0) await checkBareRoot();
  else console.log("The bare root was not checked: chroot needs root.");
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/**
 * Runs in a root directory with glibc's files, the executable, /proc and a writable /tmp; user and group 65534
 * (nobody).
 */
async function checkBareRoot(): Promise<void> {
  const bare = await mkdtemp(join(tmpdir(), "bare-root-"));
  try {
    await chmod(bare, 0o755);
    for (const path of await glibcFiles()) {
      await mkdir(join(bare, dirname(path)), { recursive: true });
      await copyFile(path, join(bare, path));
    }
    await copyFile(executable, join(bare, "plugin"));
    await chmod(join(bare, "plugin"), 0o755);
    await mkdir(join(bare, "tmp"));
    await chmod(join(bare, "tmp"), 0o1777);

    await mkdir(join(bare, "proc"));

    // Bun 1.4.5 aborts without /proc; every container has one. The mount ends with its namespace.
    const inside = 'mount -t proc proc "$0/proc" && exec chroot --userspec=65534:65534 "$0" /plugin';
    const child = Bun.spawn(["unshare", "--mount", "sh", "-c", inside, bare], {
      env: { ...HANDSHAKE, PATH: process.env.PATH },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const line = await Promise.race([
      firstLine(child.stdout),
      Bun.sleep(3_000).then(() => "nothing within 3 s"),
    ]);
    child.kill("SIGKILL");
    await child.exited;
    const errors = await new Response(child.stderr).text();
    report(
      "starts as user nobody with only glibc, and may write only to /tmp",
      /^1\|1\|unix\|\/tmp\/[^|]+\|netrpc\|$/.test(line),
      `${line} ${errors}`,
    );
  } finally {
    await rm(bare, { recursive: true, force: true });
  }
}

/** Paths of the libraries as this machine's loader finds them. */
async function glibcFiles(): Promise<string[]> {
  const listed = Bun.spawnSync(["ldd", executable]).stdout.toString();
  return [...listed.matchAll(/(\/\S+)\s+\(0x/g)].map((match) => match[1] ?? "");
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  return `ended with ${JSON.stringify(text)}`;
}
