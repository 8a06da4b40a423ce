/** A person of the sandbox's tenant with a Mattermost account of the same address, who connects the two. */

import { login } from "../sandbox/mattermost/sessions.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { until } from "../until.ts";
import { connectingIsPossible } from "./connecting-is-possible.ts";

export function addMember(sandbox: Sandbox, name: string) {
  const { entra, siteUrl, tenant, world } = sandbox;
  const base = `${siteUrl}/plugins/${sandbox.bundle.id}`;
  const address = `${name}@harbor.example`;
  const person = tenant.addPerson({ displayName: name, userPrincipalName: address });
  const user = world.addUser({ Username: name, Email: address, Locale: "en" });
  const { session } = login(world, user, new Request(siteUrl));

  const ask = (path: string, method = "GET", json?: unknown, to = base) =>
    fetch(`${to}${path}`, {
      method,
      redirect: "manual",
      headers: { Authorization: `Bearer ${session.Token}`, "Content-Type": "application/json" },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });

  const connect = async () => {
    await connectingIsPossible(() => ask("/oauth2/connect"));
    const begun = await ask("/oauth2/connect");
    const back = entra.signIn(begun.headers.get("Location") ?? "", person);
    const { status } = await ask(back.slice(base.length));
    if (status !== 200) throw new Error(`${name} could not connect: ${status}`);
  };

  /** Posts in the member's direct channels. */
  const messages = () =>
    [...world.posts.values()].filter((post) => {
      const channel = world.channels.get(post.ChannelId);
      return channel?.Type === "D" && channel.Name.includes(user.Id);
    });

  /** Types a command in Town Square and returns the answer that only this person sees. */
  const type = async (command: string): Promise<string> => {
    const [team] = world.teams.values();
    if (team) world.joinTeam(user.Id, team.Id);
    const channel = [...world.channels.values()].find(({ Name }) => Name === "town-square");
    const answers: string[] = [];
    const end = world.watch(({ data, event, to }) => {
      if (event === "ephemeral_message" && to.userId === user.Id)
        answers.push((data.post as { Message: string }).Message);
    });
    const json = { channel_id: channel?.Id, command, team_id: team?.Id };
    await ask("/api/v4/commands/execute", "POST", json, siteUrl);
    await until(() => answers.length > 0, "the command answers");
    end();
    return answers[0] ?? "";
  };

  return { person, user, ask, connect, messages, type };
}
