// Nothing may depend on the zone of the machine: runs the golden cases and the days again, far in the east and west.
import { expect, test } from "bun:test";

for (const zone of ["Pacific/Chatham", "America/Havana"])
  test(`on a machine in ${zone}`, async () => {
    const files = ["golden", "day-status", "day-summary", "when"].map(
      (name) => `${import.meta.dir}/${name}.test.ts`,
    );
    const run = Bun.spawn([process.execPath, "test", ...files], {
      env: { ...process.env, TZ: zone },
      stdout: "pipe",
      stderr: "pipe",
    });
    const said = await new Response(run.stderr).text();
    expect([await run.exited, /(\d+) fail/.exec(said)?.[1]]).toEqual([0, "0"]);
    expect(Number(/(\d+) pass/.exec(said)?.[1])).toBeGreaterThan(150);
  });
