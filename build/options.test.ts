import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "./architecture.ts";

async function script(...command: string[]) {
  const child = Bun.spawn([process.execPath, ...command], {
    cwd: root,
    stdout: "pipe",
    stderr: "pipe",
    stdin: "ignore",
  });
  const [code, said] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  return { code, said };
}

describe("a script", () => {
  for (const file of [
    "build/bundle.ts",
    "build/dist.ts",
    "build/fuzz.ts",
    "bench/soak.ts",
    "bench/soak-runtime.ts",
    "bench/protocol.ts",
  ]) {
    test(`${file} reports an unknown option and lists its options in one line`, async () => {
      const { code, said } = await script(file, "--wrong");
      expect(code).toBe(2);
      expect(said.trim().split("\n")).toHaveLength(1);
      expect(said).toContain("--wrong");
      expect(said).toContain("Options: --");
    });
  }

  test("reports a folder that cannot be written in one line", async () => {
    const program = `
      const { parseOptions } = await import(${JSON.stringify(join(root, "build/options.ts"))});
      parseOptions({ options: {} });
      throw Object.assign(new Error("no"), { code: "EROFS", path: "/dist" });`;
    const { code, said } = await script("-e", program);
    expect([code, said.trim()]).toEqual([1, "/dist cannot be written (EROFS)."]);
  });
});
