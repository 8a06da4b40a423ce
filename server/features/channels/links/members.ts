/** Posts notices when somebody joins one side of a link and can then read the other one. */

import { randomBytes } from "node:crypto";
import { z } from "zod";
import { foundOrNull } from "../../../people/found-or-null.ts";
import { languageOf } from "../../../platform/i18n/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { emptyPair, ofMessage } from "../pairs/pair-store.ts";
import type { Room } from "../room.ts";
import type { ReceivedMessage } from "../teams-api.ts";
import { plain } from "../to-teams/failures.ts";
import { channelWords } from "../words.ts";
import type { ChannelLink } from "./link-store.ts";

/** Maximum number of names in one notice. */
const NAMED = 10;
const profile = lazy(() => z.object({ displayName: z.string().nullish() }));

/** Shown only to the person who joined the channel here. */
export async function tellJoined(room: Room, link: ChannelLink, userId: string): Promise<void> {
  const { api, bot } = room.ports;
  const user = await foundOrNull(api.getUser(userId));
  if (!user || user.IsBot) return;
  const values = { channel: plain(link.teamsChannelName), team: plain(link.teamName) };
  const text = channelWords.in(languageOf(user.Locale))("joined_here", values);
  await bot.ephemeral({ userId, channelId: link.channelId }, text);
}

const ADDED = /\.members(Added|Joined)EventMessageDetail$/;

/** Shown to everybody in the channel here, once for each event. */
export async function tellAdded(room: Room, link: ChannelLink, message: ReceivedMessage): Promise<void> {
  const detail = (message.eventDetail ?? {}) as { "@odata.type"?: unknown; members?: unknown };
  if (!ADDED.test(String(detail["@odata.type"])) || !Array.isArray(detail.members)) return;
  const names = await namesOf(room, detail.members.slice(0, NAMED));
  if (names.length === 0 || !(await isFirst(room, link, message.id))) return;
  const say = await room.say();
  const rest = detail.members.length - NAMED;
  const all = rest > 0 ? [...names, say("more_people", { count: rest })] : names;
  const values = { channel: plain(link.teamsChannelName), names: all.join(", ") };
  await room.ports.bot.post(link.channelId, { text: say("joined_there", values) });
}

async function namesOf(room: Room, members: readonly unknown[]): Promise<string[]> {
  const names: string[] = [];
  for (const member of members as ({ id?: unknown; displayName?: unknown } | null)[]) {
    if (typeof member?.id !== "string" || (await room.people.isBotAccount(member.id))) continue;
    const given = typeof member.displayName === "string" ? member.displayName : "";
    names.push(plain(given || (await nameOf(room, member.id))));
  }
  return names.filter((name) => name !== "");
}

async function nameOf(room: Room, objectId: string): Promise<string> {
  const path = `/users/${encodeURIComponent(objectId)}?$select=displayName`;
  const found = await room.ports.graph.request({ path, answer: profile() }).catch(() => null);
  return found?.displayName ?? "";
}

/** The mark is stored before the notice: after a crash there is no notice rather than two. */
async function isFirst(room: Room, link: ChannelLink, messageId: string): Promise<boolean> {
  const nonce = randomBytes(9).toString("base64url");
  const pair = await room.pairs.begin(ofMessage(link.id, messageId), () => ({
    ...emptyPair(link.id, "teams", room.ports.clock.now()),
    ...{ parts: [messageId], state: "deleted_in_mattermost", nonce },
  }));
  return pair.nonce === nonce;
}
