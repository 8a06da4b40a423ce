/** Runs named steps one after another, shows progress, and closes with counts that people and CI can read. */

import { root } from "./architecture.ts";

export interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

/** Runs every step, also after a failure: one run should tell everything that is wrong. Returns the exit code. */
export async function runSteps(steps: readonly Step[]): Promise<number> {
  let passed = 0;
  let failed = 0;
  for (const step of steps) {
    const started = performance.now();
    process.stdout.write(`\n── ${step.name}\n`);
    const outcome = await run(step);
    passed += outcome.passed;
    failed += outcome.failed;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`── ${step.name}: ${outcome.failed === 0 ? "ok" : "FAILED"} (${seconds} s)\n`);
  }
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

async function run(step: Step): Promise<Outcome> {
  const child = Bun.spawn([...step.command], { cwd: root, stdout: "pipe", stderr: "pipe", stdin: "ignore" });
  const output: string[] = [];
  await Promise.all([relay(child.stdout, output), relay(child.stderr, output)]);
  const code = await child.exited;
  const counted = countTests(output.join(""));
  // A step that fails without a failing test (a crash, a type error) counts as one failure.
  const failed = code === 0 ? counted.failed : Math.max(1, counted.failed);
  return counted.passed + failed === 0 ? { passed: 1, failed: 0 } : { passed: counted.passed, failed };
}

/** Passing tests are counted, not listed; everything else is shown as it comes. */
async function relay(stream: ReadableStream<Uint8Array>, output: string[]): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    output.push(text);
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (!/^(\(pass\)|ok )/.test(line)) process.stdout.write(`${line}\n`);
  }
  if (rest !== "") process.stdout.write(`${rest}\n`);
}

/** Understands bun test (` 12 pass`), Playwright (`  3 passed (1s)`) and our own `12 passed, 0 failed`. */
export function countTests(output: string): Outcome {
  const sum = (pattern: RegExp) =>
    [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  return {
    passed: sum(/^\s*(\d+) pass(?:ed\b.*)?$/gm),
    failed: sum(/^\s*(?:\d+ passed, )?(\d+) fail(?:ed)?$/gm),
  };
}
