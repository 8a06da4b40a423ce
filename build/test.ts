/**
 * `npm test`: runs every test that this machine supports. A step that cannot run here says so and why.
 */

import { fullCheckSteps } from "./check.ts";
import { runSteps } from "./steps.ts";

const bun = process.execPath;
process.exit(
  await runSteps([
    ...fullCheckSteps,
    { name: "generated files are fresh", command: [bun, "build/generate.ts", "--check"] },
    { name: "bundle", command: [bun, "build/bundle.ts"] },
    { name: "the executable needs only glibc", command: [bun, "build/executable-check.ts"] },
    { name: "the release bundle", command: [bun, "test", "e2e/release/"] },
    { name: "a proxy in front", command: [bun, "test", "e2e/proxy/"] },
    { name: "runbooks", command: [bun, "test", "e2e/runbooks/"] },
    // Both wait for timers and leases most of the time: together they need 70 s of processor time in 400.
    { name: "hosts that are contacted", command: [bun, "test", "e2e/egress/"], alongside: true },
    { name: "a cluster", command: [bun, "test", "--parallel=3", "e2e/nodes/", "e2e/cluster/"] },
    { name: "upgrades, backups, changes", command: [bun, "test", "e2e/upgrade/"] },
    { name: "official Mattermost host (Go)", command: [bun, "e2e/host/run.ts"] },
    { name: "examples under the official host", command: [bun, "test", "examples/"] },
    { name: "the runtime on its own", command: [bun, "test", "e2e/runtime/"] },
    { name: "browser specs", command: [bun, "e2e/specs/run.ts"] },
  ]),
);
