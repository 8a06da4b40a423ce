/** The machine's clock is set back by three hours: activities do not wait for that time to come again. */

import { describe, expect, test } from "bun:test";
import { error } from "../testing/graph-stand-in.ts";
import { MINUTE, rigOf, say } from "../testing/rig.ts";

const HOUR = 60 * MINUTE;

describe("the clock is set back", () => {
  test("between two requests, within the tenant's limit", async () => {
    const r = rigOf();
    const node = r.node();
    await node.posted(say(r, "@bob"));
    await r.clock.pass(100);
    r.clock.setBack(3 * HOUR);
    await node.posted(say(r, "@bob again"));
    await r.clock.pass(1_000);
    expect(r.graph.sent.map((one) => one.preview)).toEqual(["@bob", "@bob again"]);
    await node.notifications.stop();
  });

  test("while Microsoft's pause lasts", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push(error(429, "TooManyRequests", "slow down", { "Retry-After": "90" }));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(30_000);
    r.clock.setBack(3 * HOUR);
    await r.clock.pass(59_000);
    expect(r.graph.sent).toHaveLength(0);
    await r.clock.pass(2_000);
    expect(r.graph.sent).toHaveLength(1);
    await node.notifications.stop();
  });

  test("while somebody has had nine within a minute: the summary comes, and then single ones", async () => {
    const r = rigOf();
    const node = r.node();
    for (let i = 0; i < 12; i += 1) {
      r.clock.time += 1;
      await node.posted(say(r, `@bob ${i}`));
    }
    await r.clock.pass(20_000);
    expect(r.graph.sent).toHaveLength(9);
    r.clock.setBack(3 * HOUR);
    await r.clock.pass(60_000);
    expect(r.graph.sent.map((one) => one.type).filter((type) => type === "summary")).toHaveLength(1);
    await node.posted(say(r, "@bob at last"));
    await r.clock.pass(2_000);
    expect(r.graph.sent.at(-1)?.preview).toBe("@bob at last");
    await node.notifications.stop();
  });
});
