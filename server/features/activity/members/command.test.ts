import { describe, expect, test } from "bun:test";
import type { Language } from "../../../platform/i18n/index.ts";
import { complete } from "../../../platform/i18n/testing/complete.ts";
import { Rig } from "../testing/rig.ts";
import { idOf, World } from "../testing/world.ts";
import { fileWords } from "../wording/file-words.ts";
import { notificationWords } from "./command-words.ts";

function world(over: object = {}) {
  const w = new World();
  w.channel({ Id: idOf("town") });
  for (const name of ["alice", "bob"]) w.person(name);
  const rig = new Rig(w, over);
  const node = rig.node();
  const type = (line: string, language: Language = "en") =>
    node.notifications.command.run(
      line.split(" ").filter((word) => word !== ""),
      { userId: idOf("bob"), language },
    );
  const stored = () =>
    (w.preferences.get(idOf("bob")) ?? []).map((row) => `${row.Category}/${row.Name}=${row.Value}`);
  return { w, rig, node, type, stored };
}

complete("/teams notifications", notificationWords);
complete("files", fileWords);

describe("/teams notifications", () => {
  const writes: Record<string, string> = {
    on: "notifications=on",
    off: "notifications=off",
    OFF: "notifications=off",
    "away on": "notifications_only_away=on",
    "away off": "notifications_only_away=off",
    "quiet 22:00-07:00": "notifications_quiet=22:00-07:00",
    "quiet 22:00 - 07:00": "notifications_quiet=22:00-07:00",
    "quiet off": "notifications_quiet=off",
    "reason keyword off": "notifications_keyword=off",
    "reason direct_message on": "notifications_direct_message=on",
  };
  for (const [line, row] of Object.entries(writes)) {
    test(`${line} is stored, and the answer shows all settings`, async () => {
      const t = world();
      expect(await t.type(line)).toContain("Quiet hours:");
      expect(t.stored()).toEqual([`pp_mission-collaboration/${row}`]);
    });
  }

  for (const line of [
    "maybe",
    "quiet",
    "quiet 25:00-07:00",
    "quiet 22:00",
    "quiet 7-9",
    "quiet 07:00-07:00",
    "away",
    "away maybe",
    "reason",
    "reason nonsense off",
    "reason keyword",
    "reason keyword maybe",
  ]) {
    test(`"${line}" is not understood, and nothing is stored`, async () => {
      const t = world();
      expect(await t.type(line)).toStartWith("I did not understand that.");
      expect(t.stored()).toEqual([]);
    });
  }

  test("status only shows the settings and stores nothing", async () => {
    const t = world();
    expect(await t.type("Status")).toBe(await t.type(""));
    expect(await t.type("status now")).toStartWith("I did not understand that.");
    expect(t.stored()).toEqual([]);
  });

  test("without arguments it shows the settings", async () => {
    const t = world();
    await t.type("reason keyword off");
    await t.type("quiet 22:00-07:00");
    const text = await t.type("");
    expect(text).toContain("is **on** for you");
    expect(text).toContain("off: Your keywords");
    expect(text).toContain("Quiet hours: 22:00-07:00");
  });

  test("the admin's defaults are shown where bob has not chosen", async () => {
    expect(await world({ notification_opt_in: true }).type("")).toContain("is **off** for you");
  });

  test("without a link, it explains how to get one", async () => {
    const t = world();
    t.w.links.delete(idOf("bob"));
    expect(await t.type("")).toContain("Open the Mattermost tab in Microsoft Teams once");
  });

  test("is in force at once", async () => {
    const t = world();
    const post = (Message: string) => t.w.post({ Message, CreateAt: t.rig.clock.time });
    await t.node.posted(post("@bob"));
    await t.rig.clock.pass(1000);
    await t.type("off");
    await t.node.posted(post("@bob"));
    await t.rig.clock.pass(1000);
    expect(t.rig.feed.length).toBe(1);
  });

  test("test reports each step", async () => {
    const t = world();
    expect(await t.type("test")).toContain("✅ Microsoft accepts an activity for you");
    t.rig.graph.inCatalog = false;
    t.rig.config.set({ app_id: "88888888-2222-4333-8444-555555555555" });
    const text = await t.type("test");
    expect(text).toContain("❌ The app is in the catalog");
    expect(text).toContain("Upload the app package");
  });

  test("off says that it is off, and lists nothing as on", async () => {
    const t = world();
    await t.type("reason keyword off");
    const text = await t.type("off");
    expect(text).toContain("is **off** for you");
    expect(text).toContain("`/teams notifications on`");
    expect(text).not.toMatch(/^\* on:/m);
    expect(text).toContain("off: Your keywords");
    expect((await t.type("on")).match(/^\* on:/gm)?.length).toBe(5);
  });

  const mistakes: Record<string, readonly string[]> = {
    maybe: ["There is no `/teams notifications maybe`"],
    "away maybe": ["After `away` comes `on` or `off`", "You typed `away maybe`"],
    "reason nonsense off": [
      "After `reason` comes one of these: `mention`",
      "You typed `reason nonsense off`",
    ],
    "reason keyword": ["After `reason keyword` comes `on` or `off`"],
    "quiet 25:00-07:00": ["such as `22:00-07:00`", "You typed `quiet 25:00-07:00`"],
    "quiet 07:00-07:00": ["two different times"],
    "`@all` **x**": ["There is no `/teams notifications @all **x**`"],
  };
  for (const [line, says] of Object.entries(mistakes)) {
    test(`"${line}": the answer names the mistake and the expected words`, async () => {
      const text = await world().type(line);
      for (const one of says) expect(text).toContain(one);
    });
  }

  test("answers in the person's language", async () => {
    const t = world();
    expect(await t.type("", "de")).toContain("sind für Sie **eingeschaltet**");
    expect(await t.type("maybe", "fr")).toStartWith("Je n’ai pas compris.");
    expect(await t.type("test", "ja")).toContain("✅ 設定がそろっている");
    expect(await t.type("off", "ar")).toContain("**متوقف**");
  });
});
