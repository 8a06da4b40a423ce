/** Finds the failed tests in the output of a step, because CI keeps only the end of a long run's output. */

/** Lines shown of each failed test: its message and the place in the test. */
const LINES_EACH = 25;
const FAILURES_SHOWN = 10;

/**
 * The lines about the failed tests of bun test (`(fail) …` below the error), Playwright (`  1) …` above it) and the
 * official host (`FAIL …: message`). For a step that failed without a failing test (a crash, a type error): its last
 * lines.
 */
export function failureLines(output: readonly string[]): string[] {
  const blocks = output.flatMap((line, at) => {
    if (line.startsWith("(fail)")) return [errorAbove(output, at)];
    if (line.startsWith("FAIL ")) return [[line]];
    return /^\s+\d+\) .*›/.test(line) ? [output.slice(at, at + LINES_EACH)] : [];
  });
  if (blocks.length === 0) return output.slice(-LINES_EACH);
  const more = blocks.length - FAILURES_SHOWN;
  return [...blocks.slice(0, FAILURES_SHOWN).flat(), ...(more > 0 ? [`and ${more} more`] : [])];
}

function errorAbove(output: readonly string[], at: number): string[] {
  const before = output.slice(Math.max(0, at - LINES_EACH + 1), at);
  const previous = before.findLastIndex((line) => /^\((pass|fail|skip)\)/.test(line));
  return [...before.slice(previous + 1), output[at] ?? ""];
}
