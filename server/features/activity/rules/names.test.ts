import { describe, expect, test } from "bun:test";
import { travelled } from "../../../runtime/mattermost/testing/travelled.ts";
import { Config } from "../../../runtime/mattermost/wire/config.gen.ts";
import { type Rig, rigOf, say } from "../testing/rig.ts";
import { idOf, type PersonSpec } from "../testing/world.ts";
import { serverRulesOf } from "./from-mattermost.ts";

const sam: PersonSpec = { username: "sam", firstName: "Sam", lastName: "Rivera", nickname: "Sammy" };

async function feedOf(
  r: Rig,
  message: string,
  over: object = {},
): Promise<{ text: string; preview?: string }> {
  const node = r.node();
  await node.posted(say(r, message, { UserId: idOf("sam"), ...over }));
  await r.clock.pass(2000);
  await node.notifications.stop();
  const [activity] = r.graph.sent;
  return { text: activity?.text ?? "", ...(activity?.preview ? { preview: activity.preview } : {}) };
}

describe("display names, by the server's teammate name display", () => {
  for (const [format, name] of Object.entries({
    full_name: "Sam Rivera",
    nickname_full_name: "Sammy",
    username: "@sam",
  })) {
    test(`${format}: the author, linked or not, and the mentioned people`, async () => {
      for (const linked of [true, false]) {
        const r = rigOf({ sam: { ...sam, linked } });
        r.world.config.TeamSettings.TeammateNameDisplay = format;
        const { text, preview } = await feedOf(r, "@bob, ask @sam");
        expect(text).toBe(`${name} mentioned you in Town Square`);
        if (linked) expect(preview).toBe(`@bob, ask ${name}`);
      }
    });
  }

  test("a reader's own choice, even when their preferences were never read", async () => {
    const r = rigOf({ sam, dora: { preferences: { "display_settings/name_format": "full_name" } } });
    expect((await feedOf(r, "@dora")).text).toBe("Sam Rivera mentioned you in Town Square");
  });

  test("hidden full names are never shown, however the server hides them", async () => {
    for (const ShowFullName of [false, null, undefined]) {
      const r = rigOf({ sam, dora: { preferences: { "display_settings/name_format": "full_name" } } });
      r.world.config.TeamSettings.TeammateNameDisplay = "full_name";
      Object.assign(r.world.config.PrivacySettings, { ShowFullName });
      const { text, preview } = await feedOf(r, "@dora, ask @sam");
      expect(`${text} ${preview}`).not.toMatch(/Rivera|Sammy/);
    }
  });

  test("the people of a group message", async () => {
    const r = rigOf({ sam, rob: { username: "rob", firstName: "Rob", lastName: "Roy" } });
    r.world.config.TeamSettings.TeammateNameDisplay = "full_name";
    r.world.channel({ Id: idOf("gm"), Type: "G", DisplayName: "rob, sam, zoe", TeamId: "" });
    for (const name of ["sam", "rob"]) r.world.join(idOf("gm"), idOf(name));
    const { text } = await feedOf(r, "hello", { ChannelId: idOf("gm") });
    expect(text).toContain("Rob Roy, Sam Rivera, zoe");
  });

  test("the test activity", async () => {
    const previews: (string | undefined)[] = [];
    for (const [format, content] of [
      ["full_name", "full"],
      ["username", "full"],
      ["full_name", "id_loaded"],
    ] as const) {
      const r = rigOf({ sam });
      r.world.config.TeamSettings.TeammateNameDisplay = format;
      r.world.config.EmailSettings.PushNotificationContents = content;
      const node = r.node();
      await node.notifications.sendTest(idOf("sam"));
      previews.push(r.graph.sent.at(-1)?.preview);
      await node.notifications.stop();
    }
    expect(previews).toEqual(["Test: Sam Rivera", "Test: @sam", "Test"]);
  });
});

describe("detects whether the server pushes", () => {
  const mhpns = { Features: { MHPNS: true } };
  for (const [server, license, pushes] of [
    ["https://push-test.mattermost.com", null, true],
    ["https://push.example.org", null, true],
    ["", null, true],
    ["https://push.mattermost.com", null, false],
    ["https://push.mattermost.com", mhpns, true],
    ["https://global.push.mattermost.com/", null, false],
    ["https://hpns-de.mattermost.com", null, false],
    ["https://hpns-de.mattermost.com", mhpns, true],
  ] as const) {
    test(`to ${server || "no server"} ${license ? "with" : "without"} a licence: ${pushes}`, () => {
      const EmailSettings = { SendPushNotifications: true, PushNotificationServer: server };
      const rules = serverRulesOf(travelled(Config, { EmailSettings }), license as never);
      expect(rules.pushes).toBe(pushes);
    });
  }
});
