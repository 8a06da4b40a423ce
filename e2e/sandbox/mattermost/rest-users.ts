/** Accounts over REST: people, their sessions, statuses, preferences and followed threads. */

import { badRequest, notFound } from "./app-error.ts";
import type { App, Body, RestContext, RestPorts } from "./rest-context.ts";
import { fromJson, toJson, userToJson } from "./rest-json.ts";

export function userRoutes(app: App, { world, node }: RestPorts, context: RestContext): void {
  const { admin, body, channelFor, ownOrAnyones, person } = context;
  app.get("/users", (c) =>
    c.json([...world.users.values()].filter((each) => each.DeleteAt === 0).map(userToJson)),
  );
  app.post("/users/ids", async (c) => {
    const ids = (await c.req.json()) as string[];
    return c.json(ids.flatMap((id) => world.users.get(id) ?? []).map(userToJson));
  });
  app.get("/users/:user", (c) => c.json(userToJson(person(c))));
  app.get("/users/username/:name", (c) => {
    const user = world.userByUsername(c.req.param("name"));
    if (!user) throw notFound("GetUserByUsername", "app.user.get_by_username.app_error");
    return c.json(userToJson(user));
  });
  app.post("/users/:user/email/verify/member", (c) => {
    admin(c.get("user"));
    world.putUser({ ...person(c), EmailVerified: true });
    return c.json(userToJson(person(c)));
  });
  app.get("/users/:user/teams", (c) =>
    c.json(
      world
        .teamMembersOfUser(person(c).Id)
        .flatMap((member) => world.teams.get(member.TeamId) ?? [])
        .map(toJson),
    ),
  );
  app.get("/users/:user/channels", (c) => {
    const user = person(c);
    return c.json(
      world
        .channelsOf(user.Id)
        .filter((each) => each.DeleteAt === 0)
        .map((each) => channelFor(user, each)),
    );
  });
  app.get("/users/:user/sessions", (c) => {
    const { Id } = ownOrAnyones(c);
    const sessions = [...world.sessions.values()].filter(({ UserId }) => UserId === Id);
    // Session.Sanitize: the list never contains a token.
    return c.json(sessions.map((session) => toJson({ ...session, Token: "" })));
  });
  app.post("/users/:user/sessions/revoke", async (c) => {
    const { Id } = ownOrAnyones(c);
    const { session_id } = await body(c);
    const session = world.sessions.get(String(session_id));
    if (session?.UserId !== Id) throw badRequest("revokeSession", "api.context.invalid_url_param.app_error");
    world.sessions.delete(session.Id);
    return c.json({ status: "OK" });
  });
  app.put("/users/:user/status", async (c) => {
    const { status } = await body(c);
    return c.json(toJson(world.setStatus(person(c).Id, String(status), { Manual: true })));
  });
  app.post("/users/status/ids", async (c) => {
    const ids = (await c.req.json()) as string[];
    return c.json(ids.map((id) => ({ user_id: id, status: world.statuses.get(id)?.Status ?? "offline" })));
  });
  app.get("/users/:user/preferences", (c) =>
    c.json([...world.preferences(person(c).Id).values()].map(toJson)),
  );
  app.put("/users/:user/preferences", async (c) => {
    const user = person(c);
    const preferences = ((await c.req.json()) as Body[]).map((each) => ({
      ...fromJson(each),
      UserId: user.Id,
    }));
    for (const each of preferences as { Category?: string; Name?: string; Value?: string }[])
      world.setPreference(user.Id, each.Category ?? "", each.Name ?? "", each.Value ?? "");
    world.fireOn(node(), "preferencesHaveChanged", preferences);
    world.tell({ event: "preferences_changed", data: {}, to: { userId: user.Id } });
    return c.json({ status: "OK" });
  });
  app.put("/users/:user/patch", async (c) => {
    const user = person(c);
    const patch = await body(c);
    const NotifyProps = {
      ...user.NotifyProps,
      ...(patch.notify_props as Record<string, string> | undefined),
    };
    world.putUser({ ...user, NotifyProps, UpdateAt: world.now() });
    return c.json(userToJson(person(c)));
  });

  app.put("/users/:user/teams/:team/threads/:thread/following", (c) => {
    world.setFollows(c.req.param("thread"), person(c).Id, true);
    return c.json({ status: "OK" });
  });
  app.delete("/users/:user/teams/:team/threads/:thread/following", (c) => {
    world.setFollows(c.req.param("thread"), person(c).Id, false);
    return c.json({ status: "OK" });
  });
}
