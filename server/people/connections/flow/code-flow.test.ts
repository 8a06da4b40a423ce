import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { ConnectionsWorld } from "../testing/connections-world.ts";
import { Microsoft } from "../testing/microsoft.ts";
import { outcomeOf } from "../testing/outcome.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());
beforeEach(() => microsoft.entra.healthy());
const world = () => new ConnectionsWorld({ microsoft });

describe("connecting", () => {
  test("redirects to Entra and back to a page that confirms it", async () => {
    const w = world();
    const ana = w.user("ana");
    const there = microsoft.person("ana");
    expect(await w.state(ana)).toEqual({ connected: false, mayConnect: true });
    const response = await w.connect(ana, there);
    expect([response.status, await outcomeOf(response)]).toEqual([200, "connected"]);
    const state = await w.state(ana);
    expect(state).toMatchObject({ connected: true, account: "ana@example.com", missing: [] });
    await w.settle();
    expect(w.messages(ana)).toEqual([expect.stringContaining("ana@example.com")]);
    expect((await w.links.store.byAccount(ana.Id))?.objectId).toBe(there.objectId);
    const token = await w.connections.credential(ana.Id).token(5);
    expect(microsoft.entra.readGraphToken(token)).toMatchObject({ oid: there.objectId });
  });
});
