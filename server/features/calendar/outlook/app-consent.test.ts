import { beforeEach, describe, expect, test } from "bun:test";
import { makeKeyValueStore } from "../../../runtime/mattermost/kv.ts";
import { MemoryKv } from "../../../runtime/mattermost/testing/kv.ts";
import { AppConsent } from "./app-consent.ts";

let kv: ReturnType<typeof makeKeyValueStore>;
let now: number;
let roles: string[] | null;
let sent: string[];
beforeEach(() => {
  kv = makeKeyValueStore(new MemoryKv());
  now = 0;
  roles = ["Calendars.Read"];
  sent = [];
});

const node = () =>
  new AppConsent({
    kv,
    now: () => now,
    appToken: async () => {
      if (!roles) throw new Error("Entra is away");
      return `e30.${Buffer.from(JSON.stringify({ roles })).toString("base64url")}.x`;
    },
    tellAdmins: async (message) => void sent.push(message("en")),
  });

/** Twenty minutes later. */
async function later(one: AppConsent, next: string[] | null): Promise<number> {
  now += 20 * 60_000;
  roles = next;
  await one.look();
  return sent.length;
}

describe("an admin's consent that is withdrawn", () => {
  test("G13: admins get one message, on any node and after a restart, and another one if the consent returns and goes again", async () => {
    const [one, other] = [node(), node()];
    await one.look();
    expect(await later(one, [])).toBe(1);
    expect(sent[0]).toContain("`Calendars.Read` is gone");
    expect([await later(other, []), await later(node(), []), await later(one, [])]).toEqual([1, 1, 1]);
    expect([await later(one, ["Calendars.ReadWrite"]), await later(other, [])]).toEqual([1, 2]);
  });

  test("causes no message if it was never there or cannot be read", async () => {
    const one = node();
    expect([await later(one, []), await later(one, ["User.Read.All"]), await later(one, null)]).toEqual([
      0, 0, 0,
    ]);
    await later(one, ["Calendars.Read"]);
    expect(await later(one, null)).toBe(0);
  });

  test("is looked at every ten minutes, however often calendars are read", async () => {
    const one = node();
    await one.look();
    roles = [];
    await one.look();
    expect(sent).toEqual([]);
  });

  test("causes one message when two nodes notice it at the same moment", async () => {
    const [one, other] = [node(), node()];
    await one.look();
    now += 20 * 60_000;
    roles = [];
    await Promise.all([one.look(), other.look()]);
    expect(sent).toHaveLength(1);
  });
});
