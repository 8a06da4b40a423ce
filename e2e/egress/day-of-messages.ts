/** Lets people write in chats and in a linked channel, on both sides; Microsoft refuses some of it. */

import { publish } from "../sandbox/mattermost/publish.ts";
import type { Person } from "../sandbox/tenant.ts";
import { until } from "../until.ts";
import { type Actor, marks, type RecordedDay } from "./recorded-day.ts";

export async function writeInChats(day: RecordedDay, alex: Actor): Promise<void> {
  const { graph, tenant, world } = day.sandbox;
  await until(
    () => [...graph.subscriptions.all.values()].some(({ resource }) => /getAllMessages/i.test(resource)),
    "the subscription of chats",
  );
  const ben = tenant.addPerson({ displayName: "Ben Baker", userPrincipalName: "ben@harbor.example" });
  const chat = graph.chats.direct(ben.objectId, alex.person.objectId);
  const item = graph.drives.put(
    ben.objectId,
    `${marks.chatFile}.txt`,
    new TextEncoder().encode(marks.chatFile),
  );
  const message = await graph.chats.write(
    chat,
    ben.objectId,
    `<p>${marks.chat}</p><attachment id="a"></attachment>`,
    { attachments: [{ id: "a", contentType: "reference", contentUrl: item.webUrl, name: item.name }] },
  );
  const post = () => day.direct(alex).find(({ Props }) => Props.teams_message_id === message.id);
  await until(() => post()?.Message.includes(marks.chat) === true, "the message of the chat");
  await graph.chats.edit(message, `<p>${marks.chatEdited}</p>`);
  await until(() => post()?.Message.includes(marks.chatEdited) === true, "its edit");
  const root = post();
  const answer = { UserId: alex.userId, ChannelId: root?.ChannelId ?? "", RootId: root?.Id ?? "" };
  await publish(world, { ...answer, Message: marks.chatReply });
  await until(() => graph.chats.sent.length === 1, "the answer");
  // Microsoft refuses, with a text about the message.
  graph.setFaults({ status: 403, failPath: "/messages", failNext: 3 });
  await publish(world, { ...answer, Message: marks.chatReply });
  await until(() => graph.faults.failNext < 3, "the refusal");
  graph.healthy();
  await graph.chats.remove(message);
}

export async function writeInChannels(
  day: RecordedDay,
  alex: Actor,
  sam: Actor,
  robot: Person,
): Promise<void> {
  const { graph, scene, world } = day.sandbox;
  const { channels } = graph;
  const team = channels.addTeam("Harbor", [alex.person, sam.person, robot]);
  const there = channels.addChannel(team, "Operations");
  world.join(sam.userId, scene.operations, { Roles: "channel_user channel_admin", SchemeAdmin: true });
  const linked = await day.ask(sam, "POST", `${day.sandbox.siteUrl}/api/v4/commands/execute`, {
    command: `/msteams link ${team.id} ${there.id}`,
    ...{ channel_id: scene.operations, team_id: scene.team },
  });
  if (linked.status !== 200) throw new Error(`not linked: ${linked.text}`);
  await until(
    () => [...graph.subscriptions.all.values()].some(({ resource }) => resource.includes(there.id)),
    "the subscription of the link",
  );
  const said = channels.say(there, alex.person, { html: `<p>${marks.fromTeams}</p>` });
  await until(
    () => world.postsIn(scene.operations).some(({ Message }) => Message.includes(marks.fromTeams)),
    "the message of Teams",
  );
  const post = await publish(world, {
    ...{
      UserId: sam.userId,
      ChannelId: scene.operations,
      Message: `${marks.toTeams} @alex ${marks.mention}`,
    },
  });
  const inTeams = (text: string) => () =>
    channels.visible(there).some(({ body }) => body.content.includes(text));
  await until(inTeams(marks.toTeams), "the message in Teams");
  const patch = `${day.sandbox.siteUrl}/api/v4/posts/${post.Id}/patch`;
  await day.ask(sam, "PUT", patch, { message: marks.toTeamsEdited });
  await until(inTeams(marks.toTeamsEdited), "the edit in Teams");
  graph.setFaults({ status: 400, failPath: "/channels/", failNext: 2 });
  await publish(world, { UserId: sam.userId, ChannelId: scene.operations, Message: marks.toTeams });
  await until(() => graph.faults.failNext < 2, "a refusal");
  graph.healthy();
  channels.remove(there, said.id);
  await until(() => day.sandbox.tenant.activities.length > 0, "the activity");
}
