import { afterEach, describe, expect, test } from "bun:test";
import { complete } from "../../../platform/i18n/testing/complete.ts";
import { ChannelsWorld } from "../testing/channels-world.ts";
import { channelStatusWords, memberStatus } from "./member-status.ts";

complete("/teams status about linked channels", channelStatusWords);

describe("/teams status", () => {
  let w: ChannelsWorld;
  afterEach(() => w.stop());

  test("says under whose account the person's messages appear in Teams", async () => {
    w = new ChannelsWorld({});
    const { engine } = w.node();
    const say = async (userId: string) => (await memberStatus(engine.room, userId, "en"))[0];
    expect(await say(w.admin.user.Id)).toBe("Linked channels: your messages appear in Teams as yours.");
    const { Id } = w.mattermostPerson("ann");
    expect(await say(Id)).toContain("are sent to Teams by");
    expect(await say(Id)).toContain("bridge");
    w.botConnected = false;
    expect(await say(Id)).toContain("do not reach Teams until you connect");
  });
});
