import { describe, expect, test } from "bun:test";
import { idOf, TENANT, World } from "../testing/world.ts";
import { Channels } from "./channels.ts";
import { Members } from "./members.ts";

const TOWN = idOf("town");
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function world(options: { channel: number; linked: readonly number[]; linkedElsewhere?: number }) {
  const w = new World();
  w.channel({ Id: TOWN });
  for (let i = 0; i < options.channel; i += 1) w.person(`m${i}x`, { linked: options.linked.includes(i) });
  for (let i = 0; i < (options.linkedElsewhere ?? 0); i += 1) w.person(`e${i}x`, { channel: null });
  const clock = { now: 0 };
  const now = () => clock.now;
  const members = new Members({ api: w.api, links: w.linkSource, tenantId: () => TENANT, log: quiet, now });
  await members.ready();
  w.calls.clear();
  return { w, clock, members, channels: new Channels(w.api, members, now) };
}

const calls = (w: World) =>
  (w.calls.get("getChannelMembers") ?? 0) + (w.calls.get("getChannelMembersByIds") ?? 0);

describe("the linked members of a channel", () => {
  test("a small channel: one page", async () => {
    const { w, channels } = await world({ channel: 20, linked: [1, 7] });
    const roster = await channels.read(TOWN);
    expect([...(roster?.members.keys() ?? [])]).toEqual([idOf("m1x"), idOf("m7x")]);
    expect(calls(w)).toBe(1);
  });

  test("a large channel and few linked members: the cost follows the linked members", async () => {
    const { w, channels } = await world({ channel: 5_500, linked: [3, 2_500, 5_499] });
    const roster = await channels.read(TOWN);
    expect(roster?.members.size).toBe(3);
    expect(calls(w)).toBeLessThanOrEqual(3);
  });

  test("a channel of 2,300 and more linked members than that: the cost follows the channel", async () => {
    const linked = [0, 999, 1_000, 1_999, 2_299];
    const { w, channels } = await world({ channel: 2_300, linked, linkedElsewhere: 3_000 });
    const roster = await channels.read(TOWN);
    expect(roster?.members.size).toBe(5);
    expect(calls(w)).toBe(3);
  });

  test("exactly one full page", async () => {
    const { channels } = await world({ channel: 1_000, linked: [0, 999] });
    expect((await channels.read(TOWN))?.members.size).toBe(2);
  });

  test("a hundred posts at once read it once", async () => {
    const { w, channels } = await world({ channel: 20, linked: [1] });
    await Promise.all(Array.from({ length: 100 }, () => channels.read(TOWN)));
    expect(calls(w)).toBe(1);
  });

  test("a person who joins during a read is in the next one", async () => {
    const { channels } = await world({ channel: 20, linked: [1] });
    const reading = channels.read(TOWN);
    channels.set(TOWN, idOf("m1x"), { push: "all" });
    await reading;
    expect(channels.known(TOWN)).toBeNull();
  });

  test("is read again after a while", async () => {
    const { channels, clock } = await world({ channel: 20, linked: [1] });
    await channels.read(TOWN);
    expect(channels.known(TOWN)).not.toBeNull();
    clock.now += 6 * 60_000;
    expect(channels.known(TOWN)).toBeNull();
  });

  test("a member who is linked later may be in it; one who is unlinked is not", async () => {
    const { w, members, channels } = await world({ channel: 20, linked: [1] });
    await channels.read(TOWN);
    const late = idOf("m2x");
    w.links.set(late, { userId: late, tenantId: TENANT, objectId: "o" });
    await members.linkChanged(late);
    channels.linkChanged(late);
    expect(channels.known(TOWN)?.members.has(late)).toBe(true);
    w.links.delete(late);
    await members.linkChanged(late);
    channels.linkChanged(late);
    expect(channels.known(TOWN)?.members.has(late)).toBe(false);
    expect(calls(w)).toBe(1);
  });

  test("memory is bounded: the channel that was unused longest is dropped", async () => {
    const { w, members } = await world({ channel: 10, linked: [0, 1, 2, 3] });
    const channels = new Channels(w.api, members, () => 0, 8);
    const more = ["b", "c"].map((name) => idOf(name));
    for (const Id of more) {
      w.channel({ Id });
      for (let i = 0; i < 4; i += 1) w.join(Id, idOf(`m${i}x`));
    }
    const [b = "", c = ""] = more;
    await channels.read(TOWN);
    await channels.read(b);
    expect(channels.memberships).toBe(8);
    channels.known(TOWN);
    await channels.read(c);
    expect([TOWN, b, c].map((id) => channels.known(id) !== null)).toEqual([true, false, true]);
    expect(channels.memberships).toBe(8);
  });

  test("one channel larger than the bound is still kept, alone", async () => {
    const { w, members } = await world({ channel: 10, linked: [0, 1, 2, 3] });
    const channels = new Channels(w.api, members, () => 0, 2);
    await channels.read(TOWN);
    expect(channels.known(TOWN)?.members.size).toBe(4);
  });

  test("a deleted channel has no roster", async () => {
    const { channels } = await world({ channel: 1, linked: [0] });
    expect(await channels.read("nowhere")).toBeNull();
  });

  test("members who want every message there are tracked, including changes", async () => {
    const { channels } = await world({ channel: 3, linked: [0, 1, 2] });
    const roster = await channels.read(TOWN);
    channels.set(TOWN, idOf("m1x"), { push: "all" });
    channels.set(TOWN, idOf("m2x"), { channel_auto_follow_threads: "on" });
    expect([...(roster?.allActivity ?? [])]).toEqual([idOf("m1x"), idOf("m2x")]);
    channels.set(TOWN, idOf("m1x"), { push: "default" });
    channels.set(TOWN, idOf("m2x"), null);
    expect([...(roster?.allActivity ?? [])]).toEqual([]);
    expect(channels.memberships).toBe(2);
  });
});
