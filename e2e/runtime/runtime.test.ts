/**
 * Tests the runtime as a plugin author gets it: packed, installed outside this repository, with the hello example built
 * by the commands of its README and run by Mattermost's own host library.
 */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../build/architecture.ts";
import { packRuntime } from "../../build/pack-runtime.ts";
import { Host, hasGo } from "../host/host.ts";

// Processes start and end on a busy machine.
setDefaultTimeout(300_000);

const MINUTES = 60_000;
let folder = "";
let readme = "";

async function sh(command: string): Promise<{ code: number; output: string }> {
  const child = Bun.spawn(["sh", "-c", command], {
    cwd: folder,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, out, err] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code, output: out + err };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hello-"));
  const tarball = await packRuntime(folder);
  await cp(join(root, "examples/hello"), folder, {
    recursive: true,
    filter: (path) => !path.endsWith(".test.ts") && !path.includes("dist"),
  });
  readme = await Bun.file(join(folder, "README.md")).text();
  const manifest = await Bun.file(join(folder, "package.json")).json();
  manifest.dependencies["mattermost-plugin-runtime"] = `file:${tarball}`;
  await Bun.write(join(folder, "package.json"), JSON.stringify(manifest));
}, 2 * MINUTES);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the packed runtime", () => {
  test(
    "installs, and holds sources without tests",
    async () => {
      const installed = await sh("npm install --prefer-offline --no-audit --no-fund");
      expect(installed).toMatchObject({ code: 0 });
      const files = await readdir(join(folder, "node_modules/mattermost-plugin-runtime"), {
        recursive: true,
      });
      expect(files).toContain("mattermost/index.ts");
      expect(files).toContain("LICENSE.txt");
      expect(files.filter((file) => /test|interop/.test(file))).toEqual([]);
    },
    5 * MINUTES,
  );

  test(
    "builds hello by the commands of its README",
    async () => {
      const commands = readme.split("```sh\n")[1]?.split("```")[0]?.trim().split("\n") ?? [];
      const build = commands.map((line) => line.replace(/\s+#.*/, "")).find((line) => line.startsWith("npx"));
      expect(build).toBe("npx mattermost-plugin build");
      expect(await sh(build ?? "")).toMatchObject({ code: 0 });
      expect(await readdir(join(folder, "dist"))).toContain("com.example.hello");
    },
    5 * MINUTES,
  );

  for (const [name, command, says] of [
    ["an unknown platform", "npx mattermost-plugin build --platform amiga", "Unknown platform amiga"],
    ["an unknown option", "npx mattermost-plugin build --fast", "--fast"],
    ["another command", "npx mattermost-plugin publish", "mattermost-plugin build [folder]"],
    ["a folder without a manifest", "npx mattermost-plugin build server", "There is no plugin.json"],
  ] as const) {
    test(`${name} is refused with a sentence, without a stack`, async () => {
      const { code, output } = await sh(command);
      expect(code).toBe(2);
      expect(output).toContain(says);
      expect(output).not.toContain("    at ");
    });
  }
});

if (!hasGo) {
  test("needs Go, which is missing: the example did not run under the official host", () => {});
} else {
  describe("hello, built outside, under the official host", () => {
    let host: Host;
    beforeAll(async () => {
      host = await Host.start({ bundle: join(folder, "dist/com.example.hello") });
      const ann = { Id: "ann", Username: "ann", Roles: "system_user" };
      await host.do("world", {
        world: { Users: [ann], Sessions: [{ Id: "s", Token: "ann-token", UserId: "ann" }] },
      });
      await host.do("configure", { settings: { greeting: "Moin" } });
      await host.activate();
    }, 2 * MINUTES);
    afterAll(() => host.stop());

    test("answers its command and its page", async () => {
      expect(await host.hook("ExecuteCommand", { UserId: "ann", Command: "/hello" })).toMatchObject([
        { Text: "Moin, ann! You were greeted 1 time." },
        null,
      ]);
      const page = await host.fetch("/", { headers: { cookie: "MMAUTHTOKEN=ann-token" } });
      expect(await page.json()).toEqual({ text: "Moin, ann! You were greeted 2 times." });
    });
  });
}
