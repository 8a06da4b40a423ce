/** Converts a Teams message to the text of a post, with the names of the people here. */

import type { TeamsPost, ToMarkdownOptions } from "../../../microsoft/teams-messages/index.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { withoutMark } from "../pairs/message-digest.ts";
import type { Pair } from "../pairs/pair-store.ts";
import type { Room } from "../room.ts";
import type { ReceivedMessage } from "../teams-api.ts";
import { plain } from "../to-teams/failures.ts";

type Kept = Extract<TeamsPost, { dropped: null }>;
export type Converted =
  | { readonly dropped: NonNullable<TeamsPost["dropped"]> }
  | (Kept & {
      /** The text of the post; includes the author's name when the server shows only the bot's name. */
      frame(post: Pick<Post, "UserId" | "Props">, note: string): string;
    });

const MAX_SNIPPET_BYTES = 256 * 1024;
/** Room for a line with a name, and one with the missing files. */
const FRAME_RUNES = 1_200;

export async function convert(
  room: Room,
  link: ChannelLink,
  message: ReceivedMessage,
  { quiet = false } = {},
): Promise<Converted> {
  const { codeSnippets, hostedContentPath, MAX_RUNES, toMarkdown } = await import(
    "../../../microsoft/teams-messages/index.ts"
  );
  const { config, graph } = room.ports;
  const { cloud } = config.current;
  const hosts = [new URL(cloud.graphUrl).host];
  const names = new Map<string, string>();
  for (const mention of message.mentions ?? []) {
    const id = mention?.mentioned?.user?.id;
    if (!id || names.size >= 100) continue;
    // In messages from before the link, names are plain text and mention nobody.
    const person = quiet ? null : await room.people.byObjectId(id);
    if (person) names.set(id, person.username);
  }
  const codes = new Map<string, string>();
  for (const snippet of codeSnippets(message, hosts).slice(0, 10)) {
    if (snippet.foreign) continue;
    const path = hostedContentPath(snippet);
    const text = await graph
      .download({ path })
      .then(({ body }) => bounded(body, MAX_SNIPPET_BYTES))
      .catch(() => null);
    if (text !== null) codes.set(path, new TextDecoder().decode(text));
  }
  const server = await room.server();
  const options: ToMarkdownOptions = {
    messageUrl: message.webUrl ?? cloud.teamsUrl,
    graphHosts: hosts,
    usernameOf: (id) => names.get(id) ?? null,
    channel: quiet ? null : { teamId: link.teamId, channelId: link.teamsChannelId },
    codeOf: (of) => codes.get(hostedContentPath(of)) ?? null,
    language: server.language,
    maxRunes: MAX_RUNES - FRAME_RUNES,
  };
  const post = toMarkdown(message, options);
  if (post.dropped !== null) return post;
  return {
    ...post,
    frame: (target, note) => {
      const byBot = typeof target.Props?.override_username === "string";
      const head = byBot && !server.showsNames ? `**${plain(post.author.name)}**` : "";
      return [head, post.markdown, note].filter((one) => one !== "").join("\n");
    },
  };
}

/** A long Mattermost post has several messages; returns the text of all. null: one of them cannot be read. */
export async function convertParts(
  room: Room,
  link: ChannelLink,
  pair: Pair,
  changed: ReceivedMessage,
): Promise<Converted | null> {
  if (pair.parts.length === 1) return convert(room, link, withoutMark(changed));
  const texts: string[] = [];
  let last: Converted | null = null;
  for (const [index, id] of pair.parts.entries()) {
    const root = index === 0 ? pair.rootId : (pair.rootId ?? pair.parts[0] ?? null);
    const message = id === changed.id ? changed : await room.teams.message(link, id, root);
    last = await convert(room, link, withoutMark(message));
    if (last.dropped === null) texts.push(last.markdown);
  }
  return last?.dropped === null ? { ...last, markdown: texts.join("\n\n") } : last;
}

/** Returns null when there is more than the limit. */
export async function bounded(body: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) return null;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
