import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./architecture.ts";
import { runSteps, type Step } from "./steps.ts";

const bun = process.execPath;
const script = (name: string, code: string, more: Partial<Step> = {}): Step => ({
  name,
  command: [bun, "-e", code],
  ...more,
});

async function outputOf(steps: readonly Step[], directory?: string): Promise<{ text: string; code: number }> {
  let text = "";
  const write = (part: string) => {
    text += part;
  };
  const code = await runSteps(steps, { write, ...(directory !== undefined && { directory }) });
  return { text: text.replaceAll(/\(\d+\.\d s\)/g, "(x s)"), code };
}

describe("steps", () => {
  test("are counted together, and a failure does not end the run", async () => {
    const { text, code } = await outputOf([
      script("one", 'console.log(" 3 pass\\n 1 fail"); process.exit(1)'),
      script("two", "process.exit(7)"),
      script("three", 'console.log("fine")'),
    ]);
    expect(code).toBe(1);
    expect(text).toContain("── two: FAILED (x s)");
    expect(text).toEndWith("\n4 passed, 2 failed\n");
  });

  test("show the failed tests again at the end", async () => {
    const { text } = await outputOf([
      script("one", 'console.log("error: expected 2\\n(fail) a title\\n 1 fail"); process.exit(1)'),
      script("two", 'console.log("fine")'),
    ]);
    expect(text).toEndWith(
      "── two: ok (x s)\n\n── failed: one\nerror: expected 2\n(fail) a title\n\n1 passed, 1 failed\n",
    );
  });

  test("that run alongside start at once, and each one's lines stay together", async () => {
    // Each waits for the file of the other, so a sequential run would never end.
    const directory = mkdtempSync(join(tmpdir(), "steps-"));
    const meet = (own: string, other: string) => `
      const fs = require("node:fs");
      console.log("${own} begins");
      fs.writeFileSync("${own}", "");
      while (!fs.existsSync("${other}")) await Bun.sleep(5);
      console.log("${own} ends");`;
    const { text, code } = await outputOf(
      [
        script("one", meet("a", "b"), { alongside: true }),
        script("two", meet("b", "a")),
        script("three", "console.log(1)"),
      ],
      directory,
    );
    rmSync(directory, { recursive: true });
    expect(code).toBe(0);
    expect(text).toContain(
      "── one\na begins\na ends\n── one: ok (x s)\n\n── two\nb begins\nb ends\n── two: ok",
    );
  });
});

/** Control characters except line ends and tabs. */
const CONTROLS = /[^\P{Cc}\n\t]/u;

describe("the output in a file", () => {
  test("has no colours and no other control characters", async () => {
    const noisy =
      'process.stdout.write("\\x1b[31mred\\x1b[0m \\x1b]8;;https://x.example\\x07link\\x1b]8;;\\x07 bell\\x07\\r\\n\\x1b[2Kdone\\0")';
    const { text } = await outputOf([script("noisy", noisy)]);
    expect(text).toContain("red link bell\ndone\n");
    expect(text).not.toMatch(CONTROLS);
  });

  test("is plain text, even when the tools are set to print colours", async () => {
    const directory = mkdtempSync(join(tmpdir(), "steps-"));
    writeFileSync(join(directory, "bad.ts"), "const x:number = 'a'\n");
    writeFileSync(
      join(directory, "bad.test.ts"),
      'import { test, expect } from "bun:test"; test("a", () => expect(1).toBe(2));',
    );
    const tool = (name: string) => join(root, "node_modules/.bin", name);
    const colours = ["env", "-u", "NO_COLOR", "FORCE_COLOR=1", "CLICOLOR_FORCE=1"];
    const { text, code } = await outputOf(
      [
        { name: "lint", command: [...colours, tool("biome"), "check", "--colors=force", "bad.ts"] },
        { name: "types", command: [...colours, tool("tsc"), "--pretty", "--noEmit", "bad.ts"] },
        { name: "tests", command: [...colours, bun, "test"] },
      ],
      directory,
    );
    rmSync(directory, { recursive: true });
    expect(code).toBe(1);
    // Each step has printed its failure.
    expect(text).toContain("format");
    expect(text).toContain("TS2322");
    expect(text).toContain("Expected: 2");
    expect(text).not.toMatch(CONTROLS);
  });
});
