/** Finds entries of the log, posts, people and channels for the steps. */

import { control, type WireEntry } from "./control.ts";

export const seen = (log: readonly WireEntry[], wire: string, text: string | RegExp) =>
  log.some((each) => each.wire === wire && each.ok && matches(each, text));
const matches = ({ what }: WireEntry, text: string | RegExp) =>
  typeof text === "string" ? what.includes(text) : text.test(what);
/** The entries after the first one with this text; none before that entry exists. */
export const after = (log: readonly WireEntry[], text: string | RegExp) => {
  const at = log.findIndex((each) => each.ok && matches(each, text));
  return at < 0 ? [] : log.slice(at + 1);
};

export const isPosted = (log: readonly WireEntry[]) => seen(log, "api", /^createPost$/);

interface Post {
  readonly id: string;
  readonly props: Readonly<Record<string, unknown>>;
}
export interface Named {
  readonly id: string;
  readonly name: string;
}

export const BOT = "@mission-collaboration";
export const SENT_CHAT = /^POST \/v1\.0\/chats\/[^/]+\/messages/;
export const SENT_TO_CHANNEL = /^POST \/v1\.0\/teams\/[^/]+\/channels\/[^/]+\/messages/;
export const NOTIFIED = /^notification: POST .*\/graph\/changes/;
export const SUBSCRIBED = /^POST \/v1\.0\/subscriptions$/;
export const CHOSEN = "serveHTTP PUT /api/v1/calendar/settings";
export const LINKED = /^GET \/v1\.0\/teams\/[^/]+\/channels\/[^/]+$/;
export const botPosts = () => control<Post[]>(`/posts?as=sam&channel=${encodeURIComponent(BOT)}`);
interface Owner extends Named {
  readonly upn: string;
  readonly events: readonly { readonly id: string; readonly isOrganizer: boolean }[];
}
export const ownerOf = async (name: string) => {
  const found = (await control<readonly Owner[]>("/calendar/all")).find((each) => each.name === name);
  if (!found) throw new Error(`${name} has no mailbox.`);
  return found;
};
export const idOf = async (name: string) => (await ownerOf(name)).id;

export async function cardPost(): Promise<Post> {
  const card = (await botPosts()).findLast(({ props }) => props.calendar_event_id !== undefined);
  if (!card) throw new Error("Sam has no card of an invitation yet.");
  return card;
}

export async function convoys() {
  const teams = await control<readonly { id: string; name: string; channels: readonly Named[] }[]>("/teams");
  const team = teams.find(({ channels }) => channels.some(({ name }) => name === "Convoys"));
  const channel = team?.channels.find(({ name }) => name === "Convoys");
  if (!team || !channel) throw new Error("The Teams channel Convoys is gone.");
  return { team: team.id, channel: channel.id };
}
