/** Posts notices when somebody joins one side of a link and can then read the other one. */

import { randomBytes } from "node:crypto";
import { z } from "zod";
import { GraphError } from "../../../microsoft/graph/index.ts";
import { foundOrNull } from "../../../people/found-or-null.ts";
import { languageOf } from "../../../platform/i18n/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { emptyPair, ofMessage } from "../pairs/pair-store.ts";
import type { Room } from "../room.ts";
import type { ReceivedMessage } from "../teams-api.ts";
import { plain } from "../to-teams/failures.ts";
import { channelWords } from "../words.ts";
import type { ChannelLink } from "./link-store.ts";
import { tellChannel } from "./notices.ts";

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
  const members = (detail.members as ({ id?: unknown; displayName?: unknown } | null)[]).flatMap((one) =>
    typeof one?.id === "string" ? [{ id: one.id, name: String(one.displayName ?? "") }] : [],
  );
  if (members.length === 0 || !(await isFirst(room, link, message.id))) return;
  const ids = members.map(({ id }) => id);
  const fresh = new Set(await room.members.add(link.id, ids));
  await announce(
    room,
    link,
    members.filter(({ id }) => fresh.has(id)),
  );
}

/** More are not compared: a list of them would be a load for the store, and everybody expects joins there. */
const MOST_MEMBERS = 2_000;

/** Names people who joined the Teams channel since its last check, if the app may list the members. */
export async function findAdded(room: Room, link: ChannelLink): Promise<void> {
  const found = await room.teams.members(link, { most: MOST_MEMBERS + 1 }).catch((error: unknown) => {
    // Without the permission nobody is named; after another failure, the next check finds them.
    if (!(error instanceof GraphError && error.status === 403))
      room.ports.log.info("Members of a linked channel could not be listed", { link: link.id, error });
    return null;
  });
  if (!found || found.length > MOST_MEMBERS) return;
  const members = found.flatMap(({ userId, name }) => (userId === null ? [] : [{ id: userId, name }]));
  const ids = members.map(({ id }) => id);
  const fresh = new Set(await room.members.replace(link.id, ids));
  await announce(
    room,
    link,
    members.filter(({ id }) => fresh.has(id)),
  );
}

interface Joined {
  readonly id: string;
  /** "": Graph did not say. */
  readonly name: string;
}

async function announce(room: Room, link: ChannelLink, joined: readonly Joined[]): Promise<void> {
  const names: string[] = [];
  for (const { id, name } of joined.slice(0, NAMED))
    if (!(await room.people.isBotAccount(id))) names.push(plain(name || (await nameOf(room, id))));
  const known = names.filter((name) => name !== "");
  if (known.length === 0) return;
  const say = await room.say();
  const rest = joined.length - NAMED;
  const all = rest > 0 ? [...known, say("more_people", { count: rest })] : known;
  await tellChannel(room, link, "joined_there", { names: all.join(", ") });
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
