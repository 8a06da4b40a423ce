import { describe, expect, test } from "bun:test";
import type { ChannelMember, Preference } from "../../../runtime/mattermost/index.ts";
import { createMemberChanges } from "./member-changes.ts";

const LINKED = "linked";
const context = {} as never;

/** Records every change that this node makes or announces, in order. */
function world({ fails = false, storeFails = false } = {}) {
  const seen: string[] = [];
  const note =
    (what: string) =>
    (...values: readonly unknown[]) =>
      void seen.push(
        [what, ...values.map((one) => (typeof one === "string" ? one : JSON.stringify(one)))].join(" "),
      );
  const changes = createMemberChanges({
    api: { getPreferencesForUser: async () => [], updatePreferencesForUser: async () => note("stored")() },
    channels: { set: note("channel"), linkChanged: note("channels forget") },
    ownChoices: {
      async add(userId) {
        note("own choices")(userId);
        if (storeFails) throw new Error("down");
      },
      note: note("own choices elsewhere"),
    },
    log: { warn: note("warning") as never },
    members: {
      has: (userId) => userId === LINKED,
      forgetChoices: note("choices forgotten"),
      linkChanged: async (userId) => {
        note("read")(userId);
        if (fails) throw new Error("down");
      },
    },
    nodes: { publish: note("publish") as never },
  });
  return { changes, seen };
}

const row = (UserId: string, Category: string, Name: string): Preference => ({
  ...{ UserId, Category, Name, Value: "x" },
});
const member = (UserId: string) =>
  ({ ChannelId: "town", UserId, NotifyProps: { push: "all" } }) as unknown as ChannelMember;

describe("preferences that change", () => {
  test("a choice in this plugin marks its member as one with preferences, here and on the other nodes", async () => {
    const { changes, seen } = world();
    await changes.hooks.preferencesHaveChanged(context, [
      row(LINKED, "pp_mission-collaboration", "notifications"),
    ]);
    expect(seen).toEqual(["choices forgotten linked", "own choices linked", "publish choosing linked"]);
  });

  test("a changed name format is read again and marks nobody", async () => {
    const { changes, seen } = world();
    await changes.hooks.preferencesHaveChanged(context, [row(LINKED, "display_settings", "name_format")]);
    expect(seen).toEqual(["choices forgotten linked", "publish preferences linked"]);
  });

  test("several changes of one member at once are one change", async () => {
    const { changes, seen } = world();
    const rows = [
      row(LINKED, "display_settings", "name_format"),
      row(LINKED, "pp_mission-collaboration", "notifications_quiet"),
    ];
    await changes.hooks.preferencesHaveChanged(context, rows);
    expect(seen).toEqual(["choices forgotten linked", "own choices linked", "publish choosing linked"]);
  });

  for (const [what, changed] of [
    ["of somebody without a link", row("stranger", "pp_mission-collaboration", "notifications")],
    ["of a channel that was opened", row(LINKED, "channel_open_time", "town")],
    ["of another display setting", row(LINKED, "display_settings", "use_military_time")],
  ] as const)
    test(`${what}: nothing is done`, async () => {
      const { changes, seen } = world();
      await changes.hooks.preferencesHaveChanged(context, [changed]);
      expect(seen).toEqual([]);
    });

  test("the other nodes hear of a choice that could not be noted", async () => {
    const { changes, seen } = world({ storeFails: true });
    await changes.hooks.preferencesHaveChanged(context, [
      row(LINKED, "pp_mission-collaboration", "notifications"),
    ]);
    expect(seen.slice(0, 2)).toEqual(["choices forgotten linked", "own choices linked"]);
    expect(seen[2]).toStartWith("warning ");
    expect(seen[3]).toBe("publish choosing linked");
  });

  test("changes written by this feature are in force when the write returns, before the hook", async () => {
    const { changes, seen } = world();
    await changes.preferences.updatePreferencesForUser(LINKED, [
      row(LINKED, "pp_mission-collaboration", "notifications"),
    ]);
    expect(seen).toEqual([
      "stored",
      "choices forgotten linked",
      "own choices linked",
      "publish choosing linked",
    ]);
  });
});

describe("memberships and accounts that change", () => {
  test("a member who joins has settings for the channel, one who leaves has none", () => {
    const { changes, seen } = world();
    void changes.hooks.userHasJoinedChannel(context, member(LINKED), null);
    void changes.hooks.userHasLeftChannel(context, member(LINKED), null);
    const news = (notify: string) => `{"ChannelId":"town","UserId":"linked","notify":${notify}}`;
    expect(seen).toEqual([
      'channel town linked {"push":"all"}',
      `publish membership ${news('{"push":"all"}')}`,
      "channel town linked null",
      `publish membership ${news("null")}`,
    ]);
  });

  test("people without a link are ignored", async () => {
    const { changes, seen } = world();
    void changes.hooks.userHasJoinedChannel(context, member("stranger"), null);
    void changes.hooks.userHasLeftChannel(context, member("stranger"), null);
    await changes.hooks.userHasBeenDeactivated(context, { Id: "stranger" } as never);
    expect(seen).toEqual([]);
  });

  test("a deactivated account is read again here and on the other nodes", async () => {
    const { changes, seen } = world();
    await changes.hooks.userHasBeenDeactivated(context, { Id: LINKED } as never);
    expect(seen).toEqual(["publish account linked", "read linked", "channels forget linked"]);
  });

  test("the channels drop an account even when it cannot be read", async () => {
    const { changes, seen } = world({ fails: true });
    await changes.listeners.account(LINKED);
    expect(seen[0]).toBe("read linked");
    expect(seen[1]).toStartWith("warning A linked account could not be read");
    expect(seen[2]).toBe("channels forget linked");
  });

  test("a report of another node is not reported back", async () => {
    const { changes, seen } = world();
    await changes.listeners.choosing(LINKED);
    await changes.listeners.preferences(LINKED);
    await changes.listeners.membership({ ChannelId: "town", UserId: LINKED, notify: null });
    expect(seen.filter((one) => one.startsWith("publish"))).toEqual([]);
    expect(seen).toContain("own choices elsewhere linked");
    expect(seen).toContain("channel town linked null");
  });
});
