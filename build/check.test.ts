import { expect, test } from "bun:test";
import { Glob } from "bun";
import { root } from "./architecture.ts";
import { fullCheckSteps, LONG } from "./check.ts";

test("each name of a long test is the name of a file, so that a renamed file does not slow the check down", async () => {
  const missing = LONG.filter((name) => {
    const [first] = new Glob(`{server,webapp,build,e2e}/**/${name}.test.ts`).scanSync({ cwd: root });
    return first === undefined;
  });
  expect(missing).toEqual([]);
});

test("npm test runs every unit test", () => {
  expect(fullCheckSteps.flatMap(({ command }) => command).join(" ")).not.toContain("ignore");
});
