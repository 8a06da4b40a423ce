/** The built executable with the calendar switched on, and members whose calendars Graph tells about. */

import type { Post } from "../../server/runtime/mattermost/index.ts";
import { builtBundle } from "../built-bundle.ts";
import { login } from "../sandbox/mattermost/sessions.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { TlsServer } from "../sandbox/tls/server.ts";
import { until } from "../until.ts";

export const HOUR = 3_600_000;

export async function startCalendar(nodes = 1) {
  const started = await Sandbox.start({ bundlePath: builtBundle(), nodes, settings: {} });
  const { id } = started.bundle;
  // Graph needs https, and reaches the plugin at another address.
  const front = new TlsServer(started.authority, async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.method === "GET" ? null : await request.arrayBuffer();
    const headers = { "Content-Type": request.headers.get("Content-Type") ?? "" };
    return fetch(`${started.siteUrl}${pathname}${search}`, { method: request.method, headers, body });
  });
  front.listen(0);
  const appId = started.registration?.app.appId ?? "";
  for (const role of ["Calendars.Read", "MailboxSettings.Read"]) started.tenant.grantRole(appId, role);
  started.world.config.PluginSettings.Plugins[id] = {
    ...started.world.config.PluginSettings.Plugins[id],
    ...{ calendar_enabled: true, notification_url: front.url },
  };
  started.world.fireOnEveryNode("onConfigurationChange");
  started.graph.subscriptions.retryScale = 0.01;
  const base = `${started.siteUrl}/plugins/${id}`;

  const member = (name: string) => {
    const address = `${name}@harbor.example`;
    const person = started.tenant.addPerson({ displayName: name, userPrincipalName: address });
    const user = started.world.addUser({ Username: name, Email: address });
    const { session } = login(started.world, user, new Request(started.siteUrl));
    const ask = (path: string, method = "GET", json?: unknown, to = base) =>
      fetch(`${to}${path}`, {
        method,
        redirect: "manual",
        headers: { Authorization: `Bearer ${session.Token}`, "Content-Type": "application/json" },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
    const connect = async () => {
      await until(async () => (await ask("/oauth2/connect")).status === 302, "the feature is on");
      const begun = await ask("/oauth2/connect");
      const back = started.entra.signIn(begun.headers.get("Location") ?? "", person);
      const { status } = await ask(back.slice(base.length));
      if (status !== 200) throw new Error(`${name} could not connect: ${status}`);
    };
    const cards = (): Post[] =>
      [...started.world.posts.values()].filter((post) => {
        const channel = started.world.channels.get(post.ChannelId);
        return channel?.Type === "D" && channel.Name.includes(user.Id) && post.Props.calendar_event_id;
      });
    /** Types a command and answers what only this person sees of it. */
    const type = async (command: string): Promise<string> => {
      const [team] = started.world.teams.values();
      if (team) started.world.joinTeam(user.Id, team.Id);
      const channel = [...started.world.channels.values()].find(({ Name }) => Name === "town-square");
      const told: string[] = [];
      const end = started.world.watch(({ data, event, to }) => {
        if (event === "ephemeral_message" && to.userId === user.Id)
          told.push((data.post as { Message: string }).Message);
      });
      const json = { channel_id: channel?.Id, command, team_id: team?.Id };
      await ask("/api/v4/commands/execute", "POST", json, started.siteUrl);
      await until(() => told.length > 0, "the command answers");
      end();
      return told[0] ?? "";
    };
    return { person, user, ask, connect, cards, type };
  };
  const close = () => {
    front.close();
    started.close();
  };
  return { sandbox: started, member, close };
}

export type Started = Awaited<ReturnType<typeof startCalendar>>;

/** A member whose calendar Graph tells about. */
export async function listening({ member, sandbox: { graph } }: Started, name: string) {
  const one = member(name);
  await one.connect();
  const changed = await one.ask("/api/v1/calendar/settings", "PUT", { notifications: true });
  if (changed.status !== 200) throw new Error(`settings: ${changed.status}`);
  await until(
    () =>
      [...graph.subscriptions.all.values()].some(({ resource }) => resource.includes(one.person.objectId)),
    "the subscription exists",
  );
  return one;
}

export const local = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString().slice(0, 16);
