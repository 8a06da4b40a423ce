/**
 * Runs the plugin runtime under the official Mattermost host library: `node build/bun.mjs e2e/host/run.ts [words]`.
 * Uses the newest server module, the oldest supported one and one in between (host.ts, versions/). With words, runs
 * only the cases whose names contain all of them. Prints one line per case, then "N passed, N failed".
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../build/architecture.ts";
import { compileExecutable, ownPlatform } from "../../build/executable.ts";
import { KNOWN_SERVER } from "../../server/runtime/mattermost/version.ts";
import { apiCases } from "./cases/api.ts";
import { calendarCases } from "./cases/calendar.ts";
import { activeHost, type Case, isTrue } from "./cases/case.ts";
import { channelsCases } from "./cases/channels.ts";
import { chatsCases } from "./cases/chats.ts";
import { codecCases } from "./cases/codec.ts";
import { deactivationCases } from "./cases/deactivation.ts";
import { endingCases } from "./cases/endings.ts";
import { faultCases, productFaultCases } from "./cases/faults.ts";
import { hookCases } from "./cases/hooks.ts";
import { hostFaultCases } from "./cases/host-faults.ts";
import { httpCases } from "./cases/http.ts";
import { largeFileCases } from "./cases/large-files.ts";
import { lifeCases } from "./cases/life.ts";
import { helloCases, productCases } from "./cases/products.ts";
import { serverCases } from "./cases/server.ts";
import { hasGo, makeBundle, olderModules } from "./host.ts";

const words = process.argv.slice(2);
let passed = 0;
let failed = 0;

if (!hasGo) {
  console.log("Go is missing: the official host tests did not run");
  process.exit(0);
}

const bundle = await compiled("com.example.host-test", "e2e/host/plugin", "main.ts");
const hello = await compiled("com.example.hello", "examples/hello", "server/main.ts");
const product = join(root, "dist/mission-collaboration");
const built = existsSync(join(product, "server/dist"));
if (!built) console.log("The product is not built (npm run build): its cases did not run");

await runOn(undefined, "");
// A faulty host is the same for every module, because the faults are made on the wire below it.
await runAll(await faultCases(bundle), "", 4);
await runAll(hostFaultCases(bundle), "", 4);
await runAll(await endingCases(bundle), "");
// One at a time: the host library unpacks the web half of a bundle beside it.
if (built) await runAll(await productFaultCases(product), "");
const featureCases = [chatsCases, channelsCases, calendarCases, largeFileCases].flatMap((cases) =>
  cases({ bundle: product }),
);
if (built) await runAll(featureCases, "");
for (const [module, server] of Object.entries(olderModules)) await runOn(module, `${server}: `);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** Runs every case with the module of one server version. */
async function runOn(module: string | undefined, prefix: string): Promise<void> {
  const on = module === undefined ? {} : { module };
  const host = await activeHost({ bundle, ...on, environment: recording() });
  const own: Case = {
    name: "the module has the version for which it is listed",
    run: () => isTrue(host.version.startsWith(`${prefix.slice(0, -2) || KNOWN_SERVER}.`), host.version),
  };
  await runAll([own], prefix);
  for (const cases of [codecCases, hookCases, apiCases, httpCases]) await runAll(await cases(host), prefix);
  await host.stop();
  await runAll(lifeCases({ bundle, ...on }), prefix);
  await runAll(serverCases({ bundle, ...on }), prefix);
  await runAll(helloCases({ bundle: hello, ...on }), prefix);
  if (!built) return;
  await runAll(productCases({ bundle: product, ...on }), prefix);
  await runAll(deactivationCases({ bundle: product, ...on }), prefix);
}

/** `atOnce`: for cases that mostly wait; each has its own host. */
async function runAll(cases: readonly Case[], prefix: string, atOnce = 1): Promise<void> {
  const left = cases
    .map((one) => ({ ...one, name: prefix + one.name }))
    .filter(({ name }) => words.every((word) => name.includes(word)));
  const runner = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) await runOne(next);
  };
  await Promise.all(Array.from({ length: atOnce }, runner));
}

async function runOne({ name, run }: Case): Promise<void> {
  try {
    await run();
    passed++;
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}: ${(error as Error).message}`);
  }
}

/** The bundle of a plugin in this repository, compiled like the product. */
async function compiled(id: string, folder: string, entry: string): Promise<string> {
  const manifest = await Bun.file(join(root, folder, "plugin.json")).json();
  const executable = `server/dist/plugin-${ownPlatform}`;
  const bundle = await makeBundle(join(root, "dist/e2e-host", id), {
    "plugin.json": JSON.stringify({ ...manifest, server: { executables: { [ownPlatform]: executable } } }),
    "public/hello.txt": "public",
  });
  await compileExecutable(join(root, folder, entry), join(bundle, executable), ownPlatform);
  return bundle;
}

/** `RECORD_GOB=<folder>` records what the host sends, for the fuzzer's seeds. */
function recording(): Record<string, string> {
  const folder = process.env.RECORD_GOB;
  return folder === undefined ? {} : { RECORD_GOB: folder };
}
