/** Converts a message to Markdown, in the language and the thread of its reader. */

import type { Config } from "../../../microsoft/config/index.ts";
import {
  codeSnippets,
  hostedContentPath,
  type TeamsPost,
  toMarkdown,
} from "../../../microsoft/teams-messages/index.ts";
import type { Language } from "../../../platform/i18n/index.ts";
import { refusesReader } from "../graph-refusals.ts";
import type { ChatsPorts } from "../ports.ts";
import type { IncomingMessage } from "./incoming.ts";

/** A code snippet longer than this does not fit into a post. */
const MAX_CODE_BYTES = 64 * 1024;

export interface Conversion {
  of(reader: {
    readonly language: Language;
    readonly url: string;
    readonly maxRunes: number;
    threadOf?(messageId: string): string | null;
  }): TeamsPost;
}

/** Fetches what the text refers to, with a member's token. */
export async function conversionOf(
  ports: Pick<ChatsPorts, "config" | "connections" | "graph">,
  message: IncomingMessage,
  readers: readonly string[],
  signal: AbortSignal,
): Promise<Conversion> {
  const graphHosts = graphHostsOf(ports.config.current);
  const codes = new Map<string, string>();
  for (const snippet of codeSnippets(message.raw, graphHosts).slice(0, 5)) {
    if (snippet.foreign) continue;
    const path = hostedContentPath(snippet);
    const text = await codeAt(ports, path, readers, signal);
    if (text !== null) codes.set(path, text);
  }
  return {
    of: ({ language, maxRunes, threadOf, url }) =>
      toMarkdown(message.raw, {
        messageUrl: url,
        graphHosts,
        // Mentions become plain names, because the post is for one person and must mention nobody.
        usernameOf: () => null,
        channel: null,
        codeOf: (of) => codes.get(hostedContentPath(of)) ?? null,
        language,
        maxRunes,
        ...(threadOf ? { threadOf } : {}),
      }),
  };
}

export const graphHostsOf = ({ cloud }: Config): string[] => [new URL(cloud.graphUrl).host];

async function codeAt(
  { connections, graph }: Pick<ChatsPorts, "connections" | "graph">,
  path: string,
  readers: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  for (const userId of readers.slice(0, 5)) {
    try {
      const { body } = await graph.download({ path, credential: connections.credential(userId), signal });
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of body) {
        size += part.length;
        if (size > MAX_CODE_BYTES) return null;
        parts.push(part);
      }
      return new TextDecoder().decode(Buffer.concat(parts));
    } catch (error) {
      if (!refusesReader(error)) return null;
    }
  }
  return null;
}

/** Returns the ids of messages that this one quotes. */
export function quotedIds({ raw }: IncomingMessage): string[] {
  const attachments = Array.isArray(raw.attachments) ? raw.attachments : [];
  return attachments.flatMap((one) =>
    one?.contentType === "messageReference" && typeof one.id === "string" ? [one.id] : [],
  );
}
