/** Teams and channels over REST, and when a person last viewed them. */

import * as model from "../../../server/runtime/mattermost/wire/model.gen.ts";
import { notFound } from "./app-error.ts";
import { postToJson } from "./files.ts";
import { push } from "./push.ts";
import type { App, RestContext, RestPorts } from "./rest-context.ts";
import { toJson } from "./rest-json.ts";
import { complete } from "./zero.ts";

export function placeRoutes(app: App, { world, node }: RestPorts, context: RestContext): void {
  const { admin, body, channelFor, person, readable } = context;
  app.get("/teams/name/:name", (c) => {
    const team = [...world.teams.values()].find((each) => each.Name === c.req.param("name"));
    if (!team) throw notFound("GetTeamByName", "app.team.get_by_name.missing.app_error");
    return c.json(toJson(team));
  });
  app.post("/teams", async (c) => {
    const { name, display_name } = await body(c);
    const team = world.addTeam({ Name: String(name), DisplayName: String(display_name) });
    world.joinTeam(c.get("user").Id, team.Id);
    return c.json(toJson(team), 201);
  });
  app.post("/teams/:team/members", async (c) => {
    admin(c.get("user"));
    const { user_id } = await body(c);
    return c.json(toJson(world.joinTeam(String(user_id), c.req.param("team"))), 201);
  });
  app.post("/channels/direct", async (c) => {
    const [one = "", two = ""] = (await c.req.json()) as string[];
    return c.json(channelFor(c.get("user"), world.directChannel(one, two)));
  });
  app.get("/channels/:channel", (c) =>
    c.json(channelFor(c.get("user"), readable(c.get("user"), c.req.param("channel")))),
  );
  app.get("/channels/:channel/members", (c) => {
    readable(c.get("user"), c.req.param("channel"));
    return c.json(world.channelMembers(c.req.param("channel")).map(toJson));
  });
  app.get("/channels/:channel/posts", (c) => {
    readable(c.get("user"), c.req.param("channel"));
    return c.json(
      world
        .postsIn(c.req.param("channel"))
        .slice(-200)
        .map((post) => postToJson(world, post)),
    );
  });
  app.post("/channels/members/:user/view", async (c) => {
    const user = person(c);
    const id = String((await body(c)).channel_id ?? "");
    const [channel, member] = [world.channels.get(id), world.channelMember(id, user.Id)];
    if (channel && member) {
      world.putChannelMember({
        ...member,
        LastViewedAt: world.now(),
        MsgCount: channel.TotalMsgCount,
        MentionCount: 0,
      });
      const status = world.statuses.get(user.Id);
      if (status) status.ActiveChannel = id;
      // A silent push clears the badge of the phone. Plugins get a hook for it, as for any other push.
      if (member.MentionCount > 0 && world.config.EmailSettings.SendPushNotifications === true) {
        const clear = complete(model.PushNotification, { Type: "clear", Version: "v2", ChannelId: id });
        world.track(push(world, node(), user.Id, clear));
      }
    }
    return c.json({ status: "OK" });
  });
}
