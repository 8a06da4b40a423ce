import type { ChatMessage } from "../../sandbox/graph/chats.ts";
import { until } from "../../until.ts";
import { FeatureHost, type HostMember } from "../feature-host.ts";
import { type Case, equal, isTrue, type Place } from "./case.ts";

/** Teams chats in the compiled product: through the webhook, encrypted, with the official host. */
export function chatsCases(place: Place): Case[] {
  const withChats = async (
    people: number,
    run: (world: FeatureHost, members: HostMember[]) => Promise<void>,
  ) => {
    const world = await FeatureHost.start(place, { people });
    try {
      await run(world, world.members);
    } finally {
      await world.stop();
    }
  };
  return [
    {
      name: "mission-collaboration: a Teams message arrives, is edited, answered and deleted",
      run: () =>
        withChats(1, async (world, [cy]) => {
          isTrue(cy !== undefined, "a member");
          const { chats } = world.graph;
          const ben = world.stranger("Ben Baker");
          const chat = chats.direct(ben.objectId, cy.person.objectId);
          const texts = async () => (await world.posts(cy)).map(({ Message }) => Message.split("\n\n")[1]);
          const message = await chats.write(chat, ben.objectId, "<p>Are you <b>there</b>?</p>");
          await until(async () => (await texts()).length === 1, "the post");
          equal(await texts(), ["Are you **there**?"]);
          await chats.edit(message, "<p>Are you <b>here</b>?</p>");
          await until(async () => (await texts())[0] === "Are you **here**?", "the edit");
          const [root] = await world.posts(cy);
          await world.host.api("CreatePost", {
            ...{ UserId: cy.userId, ChannelId: root?.ChannelId, RootId: root?.Id, Message: "yes, **here**" },
          });
          await until(() => chats.sent.length === 1, "the answer");
          equal(chats.sent[0]?.message.body.content, "<p>yes, <strong>here</strong></p>");
          equal(chats.sent[0]?.quoted, [message.id]);
          const second = await chats.write(chat, ben.objectId, "<p>secret</p>");
          await until(async () => (await texts()).length === 2, "the second post");
          await chats.remove(second);
          await until(async () => (await texts()).length === 1, "the deletion");
        }),
    },
    {
      name: "mission-collaboration: /msteams notifications switches Teams chats, /teams notifications the activity feed",
      run: () =>
        withChats(1, async (world, [cy]) => {
          isTrue(cy !== undefined, "a member");
          const type = async (Command: string) => {
            const [answer] = (await world.host.hook("ExecuteCommand", { UserId: cy.userId, Command })) as [
              { Text: string },
            ];
            return answer.Text;
          };
          isTrue(
            (await type("/msteams notifications status")).includes("Teams chats are currently **on**"),
            "on",
          );
          isTrue((await type("/msteams notifications off")).includes("Teams chats are now **off**"), "off");
          isTrue(
            (await type("/teams notifications off")).includes("Activity in Microsoft Teams"),
            "the feed",
          );
          isTrue((await type("/msteams notifications status")).includes("currently **off**"), "still off");
          isTrue((await type("/teams notifications on")).includes("is **on**"), "the feed again");
        }),
    },
    {
      name: "mission-collaboration: switched off, Teams chats hold no subscription, deliver nothing and offer nothing",
      run: () =>
        withChats(1, async (world, [cy]) => {
          isTrue(cy !== undefined, "a member");
          const { chats, subscriptions } = world.graph;
          const ben = world.stranger("Ben Baker");
          const chat = chats.direct(ben.objectId, cy.person.objectId);
          const count = async () => (await world.posts(cy)).length;
          const headers = { cookie: `MMAUTHTOKEN=token-${cy.userId}` };
          const available = async () => {
            const answer = await world.host.fetch("/api/v1/chats/settings", { headers });
            return ((await answer.json()) as { available: boolean }).available;
          };
          await chats.write(chat, ben.objectId, "<p>one</p>");
          await until(async () => (await count()) === 1, "the first post");
          equal(await available(), true);
          await world.configure({ chats_enabled: false });
          await until(() => subscriptions.all.size === 0, "no subscription");
          equal(await available(), false);
          const [answer] = (await world.host.hook("ExecuteCommand", {
            ...{ UserId: cy.userId, Command: "/msteams notifications status" },
          })) as [{ Text: string }];
          isTrue(!answer.Text.includes("Teams chats"), "no word of it");
          await chats.write(chat, ben.objectId, "<p>two</p>");
          await Bun.sleep(500);
          equal(await count(), 1, "posts while it is off");
          await world.configure({ chats_enabled: true });
          await until(() => subscriptions.all.size === 1, "the subscription again");
          await chats.write(chat, ben.objectId, "<p>three</p>");
          await until(async () => (await count()) >= 2, "the next post");
        }),
    },
    {
      name: "mission-collaboration: kill -9 in a burst of Teams messages loses and repeats no message",
      run: () =>
        withChats(4, async (world, members) => {
          const { chats } = world.graph;
          const ben = world.stranger("Ben Baker");
          const rooms = members.map(({ person }) => chats.direct(ben.objectId, person.objectId));
          const COUNT = 50;
          const sending: Promise<ChatMessage>[] = [];
          for (let at = 0; at < COUNT; at += 1)
            for (const room of rooms) sending.push(chats.write(room, ben.objectId, `<p>m${at}</p>`));
          const all = async () =>
            (await Promise.all(members.map((one) => world.posts(one)))).map((one) => one.length);
          await until(async () => (await all()).some((count) => count > 5), "the first posts");
          await world.host.do("kill", { signal: 9 });
          await until(async () => (await world.host.state()).pid === 0, "the end of the process");
          equal((await world.host.do<{ state: string }>("check")).state, "running");
          await Promise.all(sending);
          await until(async () => (await all()).every((count) => count >= COUNT), "every message");
          await Bun.sleep(500);
          equal(
            await all(),
            members.map(() => COUNT),
            "posts of each",
          );
          for (const member of members) {
            const ids = new Set((await world.posts(member)).map(({ Props }) => Props.teams_message_id));
            equal(ids.size, COUNT, "different messages");
          }
        }),
    },
  ];
}
