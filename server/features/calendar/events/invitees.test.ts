/** Tests the search for people to invite, by the beginning of a name. */

import { describe, expect, test } from "bun:test";
import { ana, channel, count, create, openOwnCalendar, world } from "../testing/own-calendar.ts";

openOwnCalendar();

describe("the search for people to invite", () => {
  const search = async (text: string, by = ana.user) =>
    (await world.json(`/api/v1/calendar/attendees?search=${encodeURIComponent(text)}`, by))
      .body as unknown as {
      userId: string;
      username: string;
      connected: boolean;
    }[];

  test("finds people by the beginning of a name, at most twenty, and says who is connected", async () => {
    const ben = await world.member(`mira${count}`);
    for (let one = 0; one < 30; one += 1) world.base.user(`mira${count}x${one}`);
    const found = await search(`@mira${count}`);
    expect(found).toHaveLength(20);
    expect(found.find(({ userId }) => userId === ben.user.Id)).toMatchObject({ connected: true });
    expect(JSON.stringify(found)).not.toContain("@example.com");
  });

  test("leaves out bots, people who left, and the caller; an empty search finds nobody", async () => {
    world.base.user(`zed${count}bot`, { IsBot: true });
    world.base.user(`zed${count}gone`, { DeleteAt: 1 });
    expect(await search(`zed${count}`)).toEqual([]);
    expect(await search(ana.user.Username)).toEqual([]);
    expect(await search("")).toEqual([]);
  });

  test("a guest sees the people of their own channels only, and invites nobody else", async () => {
    const gus = await world.member(`gus${count}`);
    world.base.mattermost.putUser({ ...gus.user, Roles: "system_guest" });
    const near = world.base.user(`near${count}`);
    const far = world.base.user(`nearby${count}`);
    for (const { Id } of [gus.user, near]) {
      world.base.mattermost.joinTeam(Id, channel.TeamId);
      world.base.mattermost.join(Id, channel.Id);
    }
    expect((await search("near", gus.user)).map(({ userId }) => userId)).toEqual([near.Id]);
    expect(await create({ attendees: [far.Id] }, gus.user)).toMatchObject({
      status: 400,
      body: { errors: { attendees: "attendee_unknown" } },
    });
    expect((await search("near")).map(({ userId }) => userId).sort()).toEqual([far.Id, near.Id].sort());
  });
});
