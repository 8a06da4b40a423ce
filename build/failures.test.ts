import { describe, expect, test } from "bun:test";
import { failureLines } from "./failures.ts";

describe("the lines about failed tests", () => {
  test("bun test: the error above the title, without the tests before it", () => {
    expect(
      failureLines([
        "(pass) one [1.00ms]",
        "error: expected 2",
        "  at a.test.ts:3",
        "(fail) two [1.00ms]",
        " 1 fail",
      ]),
    ).toEqual(["error: expected 2", "  at a.test.ts:3", "(fail) two [1.00ms]"]);
  });

  test("Playwright: the title and what follows it", () => {
    const lines = ["  ✓ 1 a.pw.ts › one (1s)", "  1) a.pw.ts:3:1 › two ──", "", "    Error: expected 2"];
    expect(failureLines(lines)).toEqual(lines.slice(1));
  });

  test("the official host: the line of the case", () => {
    expect(failureLines(["ok one", "FAIL two: expected 2", "ok three"])).toEqual(["FAIL two: expected 2"]);
  });

  test("a crash: the last lines", () => {
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
    expect(failureLines(lines)).toEqual(lines.slice(-25));
  });

  test("a run in which everything failed: the first ten, and how many more", () => {
    const shown = failureLines(Array.from({ length: 12 }, (_, at) => `(fail) test ${at}`));
    expect(shown).toHaveLength(11);
    expect(shown.at(-1)).toBe("and 2 more");
  });
});
