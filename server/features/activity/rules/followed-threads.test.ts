/** The server's decision tells who follows a thread. */

import { describe, expect, test } from "bun:test";
import { MINUTE, type Rig, say } from "../testing/rig.ts";
import { pushing, started } from "../testing/server-pushes.ts";
import { idOf } from "../testing/world.ts";

describe("followed threads", () => {
  const reply = (r: Rig) => {
    const root = say(r, "root", { UserId: idOf("bob") });
    return say(r, "reply", { RootId: root.Id });
  };

  test("cause no activity when the server pushes to nobody", async () => {
    const r = pushing();
    const node = await started(r);
    await node.posted(reply(r));
    await r.clock.pass(MINUTE);
    expect(r.feed).toEqual([]);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("get one activity when the server decides", async () => {
    const r = pushing();
    const node = await started(r);
    const post = reply(r);
    await node.posted(post);
    node.pushed(post, idOf("bob"));
    node.pushed(post, idOf("bob"));
    await r.clock.pass(2000);
    expect(r.feed).toEqual(["bob: @alice replied in a thread in Town Square"]);
    await node.notifications.stop();
  });

  test("a mention in them needs no decision of the server", async () => {
    const r = pushing();
    const node = await started(r);
    const root = say(r, "root", { UserId: idOf("bob") });
    await node.posted(say(r, "@bob reply", { RootId: root.Id }));
    await r.clock.pass(2000);
    expect(r.feed.length).toBe(1);
    await node.notifications.stop();
  });

  for (const [name, change] of Object.entries({
    "where push is switched off": (r: Rig) => {
      r.world.config.EmailSettings.SendPushNotifications = false;
    },
    "where the hosted push service lacks a licence": (r: Rig) => {
      Object.assign(r.world.config.EmailSettings, { PushNotificationServer: "https://push.mattermost.com" });
    },
  })) {
    test(`our rules alone decide ${name}`, async () => {
      const r = pushing();
      change(r);
      const node = await started(r);
      await node.posted(reply(r));
      await r.clock.pass(2000);
      expect(r.feed).toEqual(["bob: @alice replied in a thread in Town Square"]);
      await node.notifications.stop();
    });
  }
});
