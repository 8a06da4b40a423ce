/** Tests how messages from Teams appear in Mattermost. */

import { describe, expect, test } from "bun:test";
import { begin, openLink, w } from "./testing/one-link.ts";

openLink();

describe("from Teams", () => {
  test("a message of an unknown person is the bot's, with name, picture and props", async () => {
    await begin();
    const ben = w.teamsPerson("ben");
    const message = w.channels.say(w.teamsChannel, ben, { html: "<p>good <b>day</b></p>" });
    await w.settle();
    expect(w.posts).toHaveLength(1);
    const [post] = w.posts;
    expect(post?.Message).toContain("good **day**");
    expect(post?.Props).toMatchObject({
      teams_team_id: w.teamsTeam.id,
      teams_channel_id: w.teamsChannel.id,
      teams_message_id: message.id,
      from_webhook: "true",
      override_username: "Ben Teams",
    });
    expect(String(post?.Props.override_icon_url)).toEndWith(
      `/api/v1/channels/people/${ben.objectId}/picture`,
    );
    expect(w.messages).toHaveLength(1);
    expect(w.calls.filter((call) => call.startsWith("GET") && call.includes("/messages/"))).toEqual([]);
  });

  test("a message of a connected member is their own post", async () => {
    await begin();
    w.channels.say(w.teamsChannel, w.admin.person, { html: "<p>mine</p>" });
    await w.settle();
    expect(w.posts[0]).toMatchObject({ UserId: w.admin.user.Id, Message: "mine" });
    expect(w.posts[0]?.Props.override_username).toBeUndefined();
    expect(w.messages).toHaveLength(1);
  });

  test("an author who left the channel here is not added again, and keeps the name", async () => {
    await begin();
    w.mattermost.leave(w.admin.user.Id, w.channel.Id);
    w.channels.say(w.teamsChannel, w.admin.person, { html: "<p>mine</p>" });
    await w.settle();
    expect(w.posts[0]?.Props.override_username).toBe("Cy Teams");
    expect(w.mattermost.channelMember(w.channel.Id, w.admin.user.Id)).toBeUndefined();
  });

  test("replies, edits, deletions and restored messages are copied", async () => {
    await begin();
    const ben = w.teamsPerson("ben");
    const root = w.channels.say(w.teamsChannel, ben, { html: "<p>root</p>" });
    const reply = w.channels.say(w.teamsChannel, ben, { html: "<p>reply</p>", replyTo: root.id });
    await w.settle();
    expect(w.posts[1]).toMatchObject({ RootId: w.posts[0]?.Id ?? "" });
    expect(w.posts[1]?.Props.teams_reply_to_id).toBe(root.id);
    w.channels.edit(w.teamsChannel, reply.id, { html: "<p>better</p>" });
    await w.settle();
    expect(w.posts[1]?.Message).toContain("better");
    w.channels.remove(w.teamsChannel, reply.id);
    await w.settle();
    expect(w.posts).toHaveLength(1);
    w.channels.restore(w.teamsChannel, reply.id, "<p>back</p>");
    await w.settle();
    expect(w.posts[1]).toMatchObject({ RootId: w.posts[0]?.Id ?? "" });
    expect(w.posts[1]?.Message).toContain("back");
    expect(w.messages).toHaveLength(2);
  });

  test("a reply that arrives before its root fetches the root", async () => {
    await begin();
    const ben = w.teamsPerson("ben");
    const root = w.channels.say(w.teamsChannel, ben, { html: "<p>root</p>" });
    w.channels.say(w.teamsChannel, ben, { html: "<p>reply</p>", replyTo: root.id });
    w.pending.reverse();
    await w.settle();
    expect(w.posts.map(({ RootId }) => RootId)).toEqual(["", w.posts[0]?.Id ?? "x"]);
  });

  test("a repeated notification makes one post; late ones change nothing", async () => {
    await begin();
    const ben = w.teamsPerson("ben");
    const message = w.channels.say(w.teamsChannel, ben, { html: "<p>one</p>" });
    w.channels.edit(w.teamsChannel, message.id, { html: "<p>two</p>" });
    const [created, edited] = w.pending.splice(0);
    if (!created || !edited) throw new Error("no changes");
    w.pending.push(edited, created, edited, created);
    await w.settle();
    w.pending.push(created);
    await w.settle();
    expect(w.posts).toHaveLength(1);
    expect(w.posts[0]?.Message).toContain("two");
  });

  test("a deletion that comes before its message leaves nothing", async () => {
    await begin();
    const message = w.channels.say(w.teamsChannel, w.teamsPerson("ben"), { html: "<p>one</p>" });
    w.channels.remove(w.teamsChannel, message.id);
    w.pending.reverse();
    await w.settle();
    expect(w.posts).toEqual([]);
  });

  test("files and pasted pictures become files; refused ones are named", async () => {
    await begin();
    const ben = w.teamsPerson("ben");
    const shared = w.channels.share(w.teamsChannel, "report.pdf", new Uint8Array([9, 9]));
    w.channels.say(w.teamsChannel, ben, {
      html: `<p>see</p>${shared.marker}`,
      attachments: [shared.attachment],
    });
    await w.settle();
    const [file] = w.posts[0]?.FileIds ?? [];
    expect(w.mattermost.files.get(file ?? "")?.info.Name).toBe("report.pdf");
    w.channels.drives.refusesDownloads = true;
    const other = w.channels.share(w.teamsChannel, "secret.pdf", new Uint8Array([1]));
    w.channels.say(w.teamsChannel, ben, {
      html: `<p>and</p>${other.marker}`,
      attachments: [other.attachment],
    });
    await w.settle();
    expect(w.posts[1]?.Message).toContain("secret.pdf");
    expect(w.posts[1]?.FileIds).toEqual([]);
  });

  test("guests are left out when the setting says so", async () => {
    await begin({ channels_sync_guests: false });
    const gus = w.teamsPerson("gus", { guest: true });
    w.channels.say(w.teamsChannel, gus, { html: "<p>hi</p>" });
    w.channels.say(w.teamsChannel, w.teamsPerson("ben"), { html: "<p>ho</p>" });
    await w.settle();
    expect(w.posts.map(({ Message }) => Message.includes("ho"))).toEqual([true]);
  });

  test("messages that the bot account writes in Teams are never copied", async () => {
    await begin();
    w.channels.say(w.teamsChannel, w.botPerson, { html: "<p>I am a bot</p>" });
    await w.settle();
    expect(w.posts).toEqual([]);
  });

  test("the author edits in Teams a message that was sent for them, and our mark is lost", async () => {
    await begin();
    await w.post(w.admin.user, "typo");
    await w.settle();
    w.channels.edit(w.teamsChannel, w.messages[0]?.id ?? "", { html: "<p>no typo</p>" });
    await w.settle();
    expect(w.posts.map(({ Message }) => Message)).toEqual(["no typo"]);
    expect(w.messages).toHaveLength(1);
    expect(w.calls.filter((call) => call.startsWith("PATCH"))).toEqual([]);
  });
});
