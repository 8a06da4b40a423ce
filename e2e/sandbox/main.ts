/**
 * `npm start` and `npm run dev`: builds the plugin if a source is newer, starts the sandbox, and prints its address.
 */

import { existsSync, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseOptions } from "../../build/options.ts";
import { takeProxyEnvironment } from "../../server/microsoft/network/index.ts";
import { isRunning } from "../is-running.ts";
import { endWith, processesAbove } from "./life.ts";
import { readOptions } from "./options.ts";
import { Sandbox, type SandboxOptions } from "./sandbox.ts";

const root = join(import.meta.dir, "../..");
const bundlePath = process.env.SANDBOX_BUNDLE ?? join(root, "dist/mission-collaboration");
/** Sources of the bundle. */
const sources = ["server", "webapp", "assets", "manifest-template", "plugin.json", "package-lock.json"];

/**
 * Everything here is on this machine. With proxy variables in the environment, Bun would send the sandbox's own
 * requests to the proxy. The plugin gets the variables, like a real server's plugin, and decides for itself.
 */
const proxies = takeProxyEnvironment(process.env);

const { values } = parseOptions({
  options: {
    watch: { type: "boolean", default: false },
    "no-build": { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    installed: { type: "boolean", default: false },
    nodes: { type: "string", default: "1" },
    subpath: { type: "string", default: "" },
    "site-url": { type: "string" },
    "token-version": { type: "string", default: "2" },
    "web-app": { type: "string", default: "11" },
    lock: { type: "string", multiple: true, default: [] },
    settings: { type: "string", default: "{}" },
    // For a test that starts the sandbox: closing the pipe ends it.
    "until-stdin-ends": { type: "boolean", default: false },
  },
});
const read = readOptions(values, process.env.PORT, bundlePath);
if (typeof read === "string") {
  console.error(read);
  process.exit(2);
}
const options: SandboxOptions = {
  ...read,
  environment: Object.fromEntries(
    Object.entries(proxies).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  ),
  // In development Bun runs the source itself, so a change needs only a restart.
  ...(values.watch && { command: [process.execPath, join(root, "server/main.ts")] }),
};

let sandbox: Sandbox | null = null;
let builder: Bun.Subprocess | null = null;
const end = () => {
  sandbox?.close();
  // The build runs in a separate process group, so that its compilers end with it.
  if (builder?.exitCode === null) process.kill(-builder.pid, "SIGTERM");
  process.exit(0);
};
// Comes before the build, which takes long enough for somebody to abort it.
endWith(
  {
    on: (signal, then) => void process.on(signal, then),
    parent: () => process.ppid,
    runs: isRunning,
    every(ms, then) {
      const timer = setInterval(then, ms);
      return () => clearInterval(timer);
    },
    above: processesAbove(process.env, parentOf),
  },
  end,
);
if (values["until-stdin-ends"]) process.stdin.resume().on("end", end);

if (!values["no-build"] && (await isStale())) {
  console.error("Building the plugin, about 15 seconds…");
  await build();
}
sandbox = await start();
if (values.watch) follow(sandbox);
console.log(`Sandbox ready: ${sandbox.url}`);

async function build(): Promise<void> {
  builder = Bun.spawn([process.execPath, join(root, "build/bundle.ts")], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  if ((await builder.exited) !== 0) throw new Error("The plugin was not built.");
}

function parentOf(pid: number): number | null {
  try {
    return Number(Bun.spawnSync(["ps", "-o", "ppid=", "-p", String(pid)]).stdout.toString()) || null;
  } catch {
    return null; // no ps, as in small containers
  }
}

async function start(): Promise<Sandbox> {
  try {
    return await Sandbox.start(options);
  } catch (error) {
    const busy = (error as { code?: string }).code === "EADDRINUSE";
    console.error(
      busy
        ? `Port ${options.port} is in use. Another one: PORT=8066 npm start`
        : `The sandbox did not start: ${error instanceof Error ? error.message : error}`,
    );
    process.exit(1);
  }
}

/** Whether a source is newer than the bundle. */
async function isStale(): Promise<boolean> {
  const made = join(bundlePath, "plugin.json");
  if (!existsSync(made) || !existsSync(join(bundlePath, "public"))) return true;
  const since = (await stat(made)).mtimeMs;
  for (const source of sources) {
    const path = join(root, source);
    const files = (await stat(path)).isDirectory() ? await readdir(path, { recursive: true }) : [""];
    for (const file of files) {
      if (/\.test\.tsx?$|testdata/.test(file)) continue;
      if ((await stat(join(path, file))).mtimeMs > since) return true;
    }
  }
  return false;
}

/** Restarts the plugin when its server half changes; rebuilds it when its web half does. */
function follow(sandbox: Sandbox): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let web = false;
  const changed = (isWeb: boolean) => (_: string, file: string | null) => {
    if (file?.endsWith(".test.ts")) return;
    web ||= isWeb;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const rebuild = web;
      web = false;
      try {
        if (rebuild) await build();
        await sandbox.mattermost.restartPlugin();
        console.log(rebuild ? "Plugin built and restarted." : "Plugin restarted.");
      } catch (error) {
        console.error(`The plugin did not start: ${error instanceof Error ? error.message : error}`);
      }
    }, 200);
  };
  watch(join(root, "server"), { recursive: true }, changed(false));
  watch(join(root, "webapp"), { recursive: true }, changed(true));
  watch(join(root, "manifest-template"), { recursive: true }, changed(false));
}
