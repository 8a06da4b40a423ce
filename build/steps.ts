/** Runs named steps, shows progress, and ends with counts for people and CI. */

import { stripVTControlCharacters } from "node:util";
import { root } from "./architecture.ts";
import { failureLines } from "./failures.ts";

export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** May run in parallel with the following steps, up to and including the next one without this flag. */
  readonly alongside?: boolean;
}

export interface StepOptions {
  readonly write?: (text: string) => void;
  readonly directory?: string;
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Runs every step even after a failure, so that one run shows everything that is wrong. Returns the exit code.
 */
export async function runSteps(steps: readonly Step[], options: StepOptions = {}): Promise<number> {
  const write = options.write ?? ((text: string) => void process.stdout.write(text));
  const directory = options.directory ?? root;
  let passed = 0;
  let failed = 0;
  const failures: string[] = [];
  for (const group of groupsOf(steps)) {
    const runs = group.map((step) => new Run(step, directory));
    for (const run of runs) {
      write(`\n── ${run.step.name}\n`);
      const { outcome, seconds } = await run.shown(write);
      passed += outcome.passed;
      failed += outcome.failed;
      write(`── ${run.step.name}: ${outcome.failed === 0 ? "ok" : "FAILED"} (${seconds.toFixed(1)} s)\n`);
      if (outcome.failed > 0) failures.push(`\n── failed: ${run.step.name}\n${run.failureLines()}\n`);
    }
  }
  // Again at the end, because CI and people see the last lines of a long run first.
  for (const failure of failures) write(failure);
  write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/** Groups of steps that run at the same time. */
function groupsOf(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [[]];
  for (const step of steps) {
    groups.at(-1)?.push(step);
    if (!step.alongside) groups.push([]);
  }
  return groups;
}

/** A step that has started. Its lines are kept until its turn to be shown. */
class Run {
  readonly step: Step;
  readonly #started = performance.now();
  readonly #output: string[] = [];
  readonly #result: Promise<{ outcome: Outcome; seconds: number }>;
  #held = "";
  #show: (text: string) => void = (text) => {
    this.#held += text;
  };

  constructor(step: Step, directory: string) {
    this.step = step;
    const child = Bun.spawn([...step.command], {
      cwd: directory,
      stdout: "pipe",
      stderr: "pipe",
      stdin: "ignore",
    });
    this.#result = this.#finish(child);
  }

  shown(write: (text: string) => void): Promise<{ outcome: Outcome; seconds: number }> {
    write(this.#held);
    this.#held = "";
    this.#show = write;
    return this.#result;
  }

  failureLines(): string {
    return failureLines(this.#output).join("\n");
  }

  async #finish(child: Bun.Subprocess<"ignore", "pipe", "pipe">) {
    await Promise.all([this.#relay(child.stdout), this.#relay(child.stderr)]);
    const code = await child.exited;
    const counted = countTests(this.#output.join("\n"));
    // A step that fails without a failing test (a crash, a type error) counts as one failure.
    const failed = code === 0 ? counted.failed : Math.max(1, counted.failed);
    const outcome =
      counted.passed + failed === 0 ? { passed: 1, failed: 0 } : { passed: counted.passed, failed };
    return { outcome, seconds: (performance.now() - this.#started) / 1000 };
  }

  /** Passing tests are counted, not listed; everything else is shown as it arrives. */
  async #relay(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#line(line);
    }
    if (rest !== "") this.#line(rest);
  }

  #line(line: string): void {
    const text = plain(line);
    this.#output.push(text);
    if (!/^(\(pass\)|ok )/.test(text)) this.#show(`${text}\n`);
  }
}

/** Removes colours, cursor movements and control characters, because the output may go to a file. */
export const plain = (line: string): string => stripVTControlCharacters(line).replaceAll(/[^\P{Cc}\t]/gu, "");

/** Understands bun test (` 12 pass`), Playwright (`  3 passed (1s)`) and our own `12 passed, 0 failed`. */
export function countTests(output: string): Outcome {
  const sum = (pattern: RegExp) =>
    [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  return {
    passed: sum(/^\s*(\d+) pass(?:ed\b.*)?$/gm),
    failed: sum(/^\s*(?:\d+ passed, )?(\d+) fail(?:ed)?$/gm),
  };
}
