/** `npm start` and `npm run dev`: builds what is stale, sets the stage, says where it is. */

import { existsSync, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "../../build/bundle.ts";
import { takeProxyEnvironment } from "../../server/microsoft/network/index.ts";
import { Sandbox, type SandboxOptions } from "./sandbox.ts";

const root = join(import.meta.dir, "../..");
const bundlePath = process.env.SANDBOX_BUNDLE ?? join(root, "dist/mission-collaboration");
/** What the bundle is made of. */
const sources = ["server", "webapp", "assets", "manifest-template", "plugin.json", "package-lock.json"];

/**
 * Everything here is on this machine. Left in the environment, Bun would send the sandbox's own requests to the
 * proxy; the plugin gets the variables, as a real server's plugin does, and decides for itself.
 */
const proxies = takeProxyEnvironment(process.env);

const { values } = parseArgs({
  options: {
    watch: { type: "boolean", default: false },
    "no-build": { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    installed: { type: "boolean", default: false },
    nodes: { type: "string", default: "1" },
    subpath: { type: "string", default: "" },
    "site-url": { type: "string" },
    "token-version": { type: "string", default: "2" },
    lock: { type: "string", multiple: true, default: [] },
    settings: { type: "string", default: "{}" },
    // For whoever starts it as a part of a test: it ends with its parent, however that one ends.
    "until-stdin-ends": { type: "boolean", default: false },
  },
});

const options: SandboxOptions = {
  bundlePath,
  port: Number(process.env.PORT ?? 8065),
  nodes: Number(values.nodes),
  subpath: values.subpath,
  fresh: values.fresh,
  installed: values.installed,
  tokenVersion: values["token-version"] === "1" ? 1 : 2,
  locked: values.lock,
  settings: JSON.parse(values.settings),
  environment: Object.fromEntries(
    Object.entries(proxies).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  ),
  ...(values["site-url"] && { siteUrl: values["site-url"] }),
  // In development Bun runs the source itself: a change is there in the blink of a restart.
  ...(values.watch && { command: [process.execPath, join(root, "server/main.ts")] }),
};

if (!values["no-build"] && (await isStale())) {
  console.error("Building the plugin, about 15 seconds…");
  await bundle();
}
const sandbox = await start();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    sandbox.close();
    process.exit(0);
  });
}
if (values["until-stdin-ends"]) {
  process.stdin.resume().on("end", () => {
    sandbox.close();
    process.exit(0);
  });
}
if (values.watch) follow(sandbox);
console.log(`Sandbox ready: ${sandbox.url}`);

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

/** Restarts the plugin when its server half changes, bundles anew when its web half does. */
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
        if (rebuild) await bundle();
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
