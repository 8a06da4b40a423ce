/** Tests the notices to everybody in a linked channel: each is posted once, on any number of nodes. */

import { afterEach, describe, expect, test } from "bun:test";
import { type ChannelsNode, ChannelsWorld } from "../testing/channels-world.ts";
import type { ChannelLink } from "./link-store.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let w: ChannelsWorld;
let link: ChannelLink;
afterEach(() => w.stop());

async function begin(change: (w: ChannelsWorld) => void = () => {}): Promise<void> {
  w = new ChannelsWorld();
  change(w);
  w.node();
  w.node();
  link = await w.link();
  await w.clock.pass(2 * MINUTE);
}
/** Without the announcement of the link. */
const read = () => w.notices.slice(1);
const look = () => Promise.all(w.nodes.map(({ engine }) => engine.life.look(link)));

describe("a new name", () => {
  test("of the Teams channel is announced once, with both names", async () => {
    await begin();
    w.teamsChannel.displayName = "Plans *2027* @all";
    await w.clock.pass(2 * HOUR);
    await look();
    expect(read()).toEqual([
      "The linked Teams channel **Plans in Teams** is called **Plans \\*2027\\* @\u200ball** now.",
    ]);
  });

  test("of its team is announced once", async () => {
    await begin();
    w.teamsTeam.displayName = "Operations 2027";
    await w.clock.pass(2 * HOUR);
    expect(read()).toEqual([
      "The team **Ops** of the linked Teams channel **Plans in Teams** is called **Operations 2027** now.",
    ]);
  });

  test("that comes while the Mattermost channel is archived is used afterwards", async () => {
    await begin();
    w.channel.DeleteAt = w.clock.now();
    w.teamsChannel.displayName = "Plans 2027";
    await w.clock.pass(2 * HOUR);
    w.channel.DeleteAt = 0;
    await w.clock.pass(2 * MINUTE);
    expect(read().at(-1)).toContain("**Plans 2027** in Teams again");
  });
});

describe("what Teams reports in the channel", () => {
  const report = async (kind: string, node = w.nodes[0]) => {
    w.pending.splice(0);
    w.channels.say(w.teamsChannel, null, {
      html: "<systemEventMessage/>",
      eventDetail: { "@odata.type": `#microsoft.graph.${kind}EventMessageDetail` },
    });
    await w.flush(node);
    // The working node gets the event a moment later, without the test's clock.
    if (node !== w.nodes[0]) await Bun.sleep(60);
    await w.clock.pass(1_000);
  };

  test("is announced at once, also when another node got the content", async () => {
    await begin();
    for (const node of w.nodes) {
      w.teamsChannel.displayName = `Plans of ${node.name}`;
      await report("channelRenamed", node);
      expect(read().at(-1)).toContain(`**Plans of ${node.name}**`);
    }
    expect(read()).toHaveLength(2);
  });

  test("pauses and resumes the link at once", async () => {
    await begin();
    w.teamsTeam.isArchived = true;
    await report("teamArchived");
    await w.post(w.admin.user, "hello");
    await w.settle(2);
    expect(w.messages.filter(({ eventDetail }) => eventDetail === null)).toEqual([]);
    w.teamsTeam.isArchived = false;
    await report("teamUnarchived");
    await w.settle(2);
    expect(w.messages.filter(({ eventDetail }) => eventDetail === null)).toHaveLength(1);
    expect(read().map((text) => text.includes("again"))).toEqual([false, true]);
  });

  test("is found by an admin who tries again", async () => {
    await begin();
    w.channels.deleteChannel(w.teamsChannel);
    await w.nodes[0]?.engine.retry(link.id);
    expect(read()).toEqual([expect.stringContaining("does not exist in Teams any more")]);
  });
});

describe("the bot account", () => {
  const missing = () => read().filter((one) => one.startsWith("There is no bot account"));
  const present = () => read().filter((one) => one.startsWith("There is a bot account for Teams now"));

  test("that is gone is announced once, and so is its return", async () => {
    await begin();
    w.botConnected = false;
    await w.clock.pass(HOUR);
    expect([missing().length, present().length]).toEqual([1, 0]);
    w.botConnected = true;
    await w.clock.pass(HOUR);
    expect([missing().length, present().length]).toEqual([1, 1]);
  });

  test("that was missing when the channel was linked is announced only when it appears", async () => {
    await begin((one) => {
      one.botConnected = false;
    });
    await w.clock.pass(HOUR);
    expect(read()).toEqual([]);
    w.botConnected = true;
    await w.clock.pass(HOUR);
    expect([missing().length, present().length]).toEqual([0, 1]);
  });

  test("that is not in the channel is named to those for whom it writes, and to nobody else", async () => {
    await begin();
    w.teamsTeam.members.delete(w.botPerson.objectId);
    const ann = w.mattermostPerson("ann");
    await w.post(ann, "by the bot account");
    await w.post(w.admin.user, "as myself");
    await w.settle(20);
    expect(w.notes(ann).map(({ Message }) => Message)).toEqual([
      expect.stringContaining("The bot account may not write in the Teams channel"),
    ]);
    expect(w.notes(w.admin.user)).toEqual([]);
    expect(w.messages).toHaveLength(1);
  });

  test("an author who is not a member in Teams gets a notice about their own account", async () => {
    await begin();
    w.teamsTeam.members.delete(w.admin.person.objectId);
    await w.post(w.admin.user, "hello");
    await w.settle(20);
    expect(w.notes(w.admin.user)[0]?.Message).toContain("does not let your account write");
  });
});

describe("Linked channels", () => {
  const stop = async (nodes: readonly ChannelsNode[]) => {
    const stopped = Promise.all(nodes.map(({ engine }) => engine.stop()));
    await w.clock.pass(1_000);
    await stopped;
    await Promise.all(nodes.map(({ engine }) => engine.switchedOff()));
  };
  const again = () => read().filter((one) => one.includes("in Teams again"));

  test("that are switched off announce it once, and once that they continue", async () => {
    await begin();
    await stop(w.nodes);
    expect(read()).toEqual([expect.stringContaining("switched off on this server")]);
    await w.clock.pass(HOUR);
    for (const { engine } of w.nodes) engine.start();
    await w.clock.pass(2 * MINUTE);
    expect(again()).toHaveLength(1);
    await w.post(w.admin.user, "hello");
    await w.settle();
    expect(w.messages).toHaveLength(1);
    expect(read()).toHaveLength(2);
  });

  test("announce neither in a channel whose link is paused", async () => {
    await begin();
    w.teamsChannel.isArchived = true;
    await look();
    await stop(w.nodes);
    for (const { engine } of w.nodes) engine.start();
    await w.clock.pass(2 * MINUTE);
    expect(read()).toEqual([expect.stringContaining("archived in Teams")]);
  });

  test("whose Teams channel was deleted meanwhile do not announce that they continue", async () => {
    await begin();
    await stop(w.nodes);
    w.teamsChannel.isArchived = true;
    await w.clock.pass(2 * HOUR);
    for (const { engine } of w.nodes) engine.start();
    await w.clock.pass(2 * MINUTE);
    expect(again()).toEqual([]);
    w.teamsChannel.isArchived = false;
    await w.clock.pass(2 * MINUTE);
    expect(again()).toHaveLength(1);
  });
});
