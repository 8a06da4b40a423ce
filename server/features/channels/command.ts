/** The commands `/msteams link`, `unlink`, `show` and `show-links`. */

import { foundOrNull } from "../../people/found-or-null.ts";
import type { Caller } from "../../platform/commands/index.ts";
import { endLink, makeLink, mayManage, type Refused } from "./links/linking.ts";
import { teamNames } from "./links/team-names.ts";
import type { Room } from "./room.ts";
import { plain } from "./to-teams/failures.ts";
import { channelWords } from "./words.ts";

/** Maximum number of characters of one ephemeral post. */
const MAX_TABLE = 15_000;

const answer = ({ refusal, values }: Refused, { language }: Caller) =>
  channelWords.in(language)(refusal, values);

export async function link(room: Room, words: readonly string[], caller: Caller): Promise<string> {
  const say = channelWords.in(caller.language);
  const asked = await mayManage(room, caller);
  if (!asked.ok) return answer(asked, caller);
  const [teamId, teamsChannelId] = words;
  if (words.length !== 2 || !teamId || !teamsChannelId) return say("usage");
  const { userId, channelId } = caller;
  const made = await makeLink(room, { userId, channelId, teamId, teamsChannelId });
  if (!made.ok) return answer(made, caller);
  const warning = made.warning ? say(made.warning, { account: made.account }) : "";
  const names = made.namesOnly > 0 ? say("names_only", { count: made.namesOnly }) : "";
  return [say("link_made"), warning, names].filter((one) => one !== "").join("\n");
}

export async function unlink(room: Room, _words: readonly string[], caller: Caller): Promise<string> {
  const ended = await endLink(room, caller);
  return ended.ok ? channelWords.in(caller.language)("link_removed") : answer(ended, caller);
}

export async function show(room: Room, _words: readonly string[], caller: Caller): Promise<string> {
  const say = channelWords.in(caller.language);
  const { api } = room.ports;
  if (!(await api.hasPermissionToChannel(caller.userId, caller.channelId, { Id: "read_channel" })))
    return say("no_such_channel");
  const found = await room.links.whoHas({ channelId: caller.channelId });
  if (!found) return say("not_linked");
  const values = { channel: plain(found.teamsChannelName), team: plain(found.teamName) };
  const paused = found.paused ? say(`paused_${found.paused}`, values) : "";
  return [say("shown", values), paused].filter((one) => one !== "").join("\n");
}

export async function showLinks(room: Room, _words: readonly string[], caller: Caller): Promise<string> {
  const say = channelWords.in(caller.language);
  await room.links.reload();
  const links = await room.links.all();
  if (links.length === 0) return say("no_links");
  const { api } = room.ports;
  const teamName = teamNames(room);
  const rows = await Promise.all(
    links.map(async (one) => {
      const channel = await foundOrNull(api.getChannel(one.channelId));
      const team = channel ? ((await teamName(channel.TeamId)) ?? channel.TeamId) : "";
      const cells = [team, channel?.DisplayName ?? one.channelId, one.teamName, one.teamsChannelName];
      return `| ${cells.map(plain).join(" | ")} |`;
    }),
  );
  const head = `${say("table_head")}\n| --- | --- | --- | --- |`;
  const tables = [head];
  for (const row of rows.sort()) {
    const last = tables.at(-1) ?? head;
    if (last.length + row.length < MAX_TABLE) tables[tables.length - 1] = `${last}\n${row}`;
    else tables.push(`${head}\n${row}`);
  }
  // The last table is the command's own answer.
  for (const table of tables.slice(0, -1)) await room.ports.bot.ephemeral(caller, table);
  return tables.at(-1) ?? head;
}
