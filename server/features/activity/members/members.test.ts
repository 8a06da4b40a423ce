import { describe, expect, test } from "bun:test";
import { idOf, TENANT, World } from "../testing/world.ts";
import { Members } from "./members.ts";

const BOB = idOf("bob");
const OTHER_TENANT = "99999999-9999-4999-8999-999999999999";
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A linked member, and reads of profiles and links that stay unanswered until the test lets them. */
async function world() {
  const w = new World();
  w.person("bob");
  const clock = { now: 1_000_000 };
  const tenant = { id: TENANT };
  const held = { users: [] as (() => void)[], links: [] as (() => void)[] };
  let holds: "users" | "links" | null = null;
  let isDown = false;
  const unanswered = async <T>(kind: "users" | "links", answer: T): Promise<T> => {
    if (holds !== kind) return answer;
    holds = null;
    await new Promise<void>((resolve) => held[kind].push(resolve));
    return answer;
  };
  const members = new Members({
    api: {
      ...w.api,
      getUsersByIds: async (ids) => unanswered("users", await w.api.getUsersByIds(ids)),
    },
    links: {
      ...w.linkSource,
      async byMattermostUser(ids) {
        if (isDown) throw new Error("down");
        return unanswered("links", await w.linkSource.byMattermostUser(ids));
      },
    },
    tenantId: () => tenant.id,
    log: quiet,
    now: () => clock.now,
  });
  await members.ready();
  return {
    ...{ clock, members, tenant, w },
    /** The next read of this kind is answered only when the returned function is called. */
    hold(kind: "users" | "links") {
      holds = kind;
      return () => held[kind].shift()?.();
    },
    /** Links cannot be read until the returned function is called. */
    fail() {
      isDown = true;
      return () => {
        isDown = false;
      };
    },
    link: (objectId: string, tenantId = TENANT) => w.links.set(BOB, { userId: BOB, tenantId, objectId }),
  };
}

describe("a link that changes while profiles are read", () => {
  test("a member who is unlinked during the refresh stays unlinked", async () => {
    const { clock, hold, members, w } = await world();
    clock.now += 120_000;
    const answer = hold("users");
    const refreshing = members.refresh();
    w.links.delete(BOB);
    await members.linkChanged(BOB);
    answer();
    await refreshing;
    expect(members.has(BOB)).toBe(false);
    expect(members.objectId(BOB)).toBeNull();
  });

  test("a member who is linked to another person during the refresh has the new person", async () => {
    const { clock, hold, link, members } = await world();
    clock.now += 120_000;
    const answer = hold("users");
    const refreshing = members.refresh();
    link("the new person");
    await members.linkChanged(BOB);
    answer();
    await refreshing;
    expect(members.objectId(BOB)).toBe("the new person");
  });

  for (const kind of ["users", "links"] as const)
    test(`of two changes the later one holds, although the answer to the earlier one comes last (${kind})`, async () => {
      const { hold, link, members, w } = await world();
      link("the new person");
      const answer = hold(kind);
      const linked = members.linkChanged(BOB);
      await Bun.sleep(1);
      w.links.delete(BOB);
      await members.linkChanged(BOB);
      answer();
      await linked;
      expect(members.has(BOB)).toBe(false);
    });

  test("a profile that was asked for earlier does not replace a newer one", async () => {
    const { clock, hold, members, w } = await world();
    clock.now += 120_000;
    const answer = hold("users");
    const refreshing = members.refresh();
    await Bun.sleep(1);
    const bob = w.users.get(BOB);
    if (bob) w.users.set(BOB, { ...bob, NotifyProps: { ...bob.NotifyProps, push: "none" } });
    expect([...(await members.unwanted([BOB]))]).toEqual([BOB]);
    answer();
    await refreshing;
    expect(members.person(BOB)?.notify.push).toBe("none");
  });

  test("after a change of the tenant nothing of the former one comes back", async () => {
    const { clock, hold, members, tenant } = await world();
    clock.now += 120_000;
    const answer = hold("users");
    const refreshing = members.refresh();
    tenant.id = OTHER_TENANT;
    await members.rebuild();
    answer();
    await refreshing;
    expect(members.size).toBe(0);
  });
});

test("a link that cannot be read after a change is not used, and is read with the next refresh", async () => {
  const { fail, members, w } = await world();
  const works = fail();
  w.links.delete(BOB);
  await expect(members.linkChanged(BOB)).rejects.toThrow("down");
  expect(members.has(BOB)).toBe(false);
  w.person("bob");
  works();
  await members.refresh();
  expect(members.has(BOB)).toBe(true);
});
