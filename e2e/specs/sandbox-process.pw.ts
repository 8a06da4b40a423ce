/**
 * Tests the sandbox as a process: it ends when it should and leaves nothing behind; a wrong option gives one
 * sentence.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = "node build/bun.mjs e2e/sandbox/main.ts --no-build";

/** Starts the sandbox below a shell, like npm does. */
async function start(): Promise<{ shell: ChildProcess; port: string }> {
  const shell = spawn("sh", ["-c", `${program}; exit $?`], {
    cwd: root,
    env: { ...process.env, PORT: "0", npm_lifecycle_event: "start" },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  for await (const line of createInterface({ input: shell.stdout as NodeJS.ReadableStream })) {
    const port = /^Sandbox ready: http:\/\/localhost:(\d+)/.exec(line)?.[1];
    if (port) return { shell, port };
  }
  throw new Error("the sandbox did not start");
}

const answers = (port: string) =>
  fetch(`http://127.0.0.1:${port}/sandbox`, { redirect: "manual" }).then(
    () => true,
    () => false,
  );

/** The processes of this session (Linux): the shell and everything below it. */
async function left(session: number): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    // After the name in brackets: state, parent, group, session.
    const [state, , , of] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(of) === session && state !== "Z" && (await readlink(`/proc/${pid}/exe`).catch(() => ""))) {
      found.push(Number(pid));
    }
  }
  return found;
}

/** Measured at a load of 22 on two processors: 0.6 s. Playwright's own intervals grow to a second. */
const often = { intervals: [50] };

test.describe("ends, frees its port, and leaves no process", () => {
  for (const signal of ["SIGTERM", "SIGHUP", "SIGKILL"] as const) {
    test(`when the shell above it gets ${signal}`, async () => {
      const { shell, port } = await start();
      expect(await answers(port)).toBe(true);
      shell.kill(signal);
      await expect.poll(() => answers(port), often).toBe(false);
      if (process.platform === "linux") await expect.poll(() => left(shell.pid ?? 0), often).toEqual([]);
    });
  }
});

for (const [name, args, environment] of [
  ["an unknown option", ["--chaos"], {}],
  ["a number of nodes that is none", ["--nodes", "many"], {}],
  ["a PORT that is not a number", [], { PORT: "http" }],
] as const) {
  test(`${name}: one line, exit code 2`, async () => {
    const child = spawn("node", ["build/bun.mjs", "e2e/sandbox/main.ts", "--no-build", ...args], {
      cwd: root,
      env: { ...process.env, ...environment },
    });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code).toBe(2);
    expect(said.trim().split("\n")).toHaveLength(1);
  });
}
