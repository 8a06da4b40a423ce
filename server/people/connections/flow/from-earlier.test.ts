// Tests connecting with the refresh token that an earlier plugin stored.
import { afterAll, describe, expect, test } from "bun:test";
import { ConnectionsWorld } from "../testing/connections-world.ts";
import { Microsoft } from "../testing/microsoft.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());

let number = 0;
function world() {
  const w = new ConnectionsWorld({ microsoft });
  number += 1;
  const name = `ana${number}`;
  const [ana, person] = [w.user(name), microsoft.person(name)];
  const { appId } = microsoft.registered.app;
  const scopes = ["User.Read", "Chat.Read", "ChatMessage.Read", "Files.Read.All", "offline_access"];
  microsoft.tenant.agree(appId, person.objectId, scopes);
  const token = (of = person) => microsoft.entra.delegated.issueRefresh(appId, of.objectId, scopes);
  return { w, ana, person, token };
}

describe("a refresh token of an earlier plugin", () => {
  test("connects its person and is stored sealed", async () => {
    const { ana, person, token, w } = world();
    const refreshToken = token();
    const outcome = await w.connections.fromEarlier(ana.Id, { objectId: person.objectId, refreshToken }, "r");
    expect(outcome).toBe("connected");
    expect((await w.state(ana)).connected).toBe(true);
    expect(await w.connections.credential(ana.Id).token(5)).toBeString();
    expect([...w.stored().values()].join()).not.toContain(refreshToken);
  });

  test("connects nobody when it belongs to another person than the file says", async () => {
    const { ana, person, token, w } = world();
    const other = microsoft.person(`other${number}`);
    microsoft.tenant.agree(microsoft.registered.app.appId, other.objectId, ["User.Read", "Chat.Read"]);
    const { objectId } = person;
    const outcome = await w.connections.fromEarlier(ana.Id, { objectId, refreshToken: token(other) }, "r");
    expect(outcome).not.toBe("connected");
    expect((await w.state(ana)).connected).toBe(false);
  });

  test("connects nobody when Graph refuses it", async () => {
    const { ana, person, token, w } = world();
    // When any address is allowed, only the directory can tell whose token it is.
    w.config.save({ connect_different_email: true });
    microsoft.graph.setFaults({ status: 403 });
    const { objectId } = person;
    const outcome = await w.connections.fromEarlier(ana.Id, { objectId, refreshToken: token() }, "r");
    microsoft.graph.healthy();
    expect(outcome).not.toBe("connected");
    expect((await w.state(ana)).connected).toBe(false);
  });

  for (const [name, change] of [
    ["that is spent or of another registration", { refreshToken: "spent" }],
    ["of a deactivated account", { deactivated: true }],
  ] as const)
    test(`${name}: connects nobody`, async () => {
      const { ana, person, token, w } = world();
      if ("deactivated" in change) w.mattermost.setActive(ana.Id, false);
      const refreshToken = "refreshToken" in change ? change.refreshToken : token();
      const outcome = await w.connections.fromEarlier(
        ana.Id,
        { objectId: person.objectId, refreshToken },
        "r",
      );
      expect(outcome).not.toBe("connected");
      expect((await w.state(ana)).connected).toBe(false);
    });
});
