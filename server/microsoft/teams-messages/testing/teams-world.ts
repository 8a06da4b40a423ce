/** The people of the golden cases from Teams. */

import { type HostedContent, hostedContentPath, type ToMarkdownOptions } from "../index.ts";

const users: Readonly<Record<string, string>> = { "u-alex": "alex", "u-bea": "bea.long", "u-dora": "dora" };

export function options(
  given: {
    channel?: boolean;
    known?: Readonly<Record<string, string>>;
    fetched?: Readonly<Record<string, string | null>>;
    maxRunes?: number;
  } = {},
): ToMarkdownOptions {
  return {
    usernameOf: (id) => users[id] ?? null,
    channel: given.channel === false ? null : { teamId: "t1", channelId: "19:ch1@thread.tacv2" },
    messageUrl: "https://teams.example/message",
    graphHosts: ["graph.microsoft.com"],
    threadOf: (id) => given.known?.[id] ?? null,
    codeOf: (of) => given.fetched?.[addressOf(of)] ?? null,
    ...(given.maxRunes === undefined ? {} : { maxRunes: given.maxRunes }),
  };
}

const addressOf = (of: HostedContent) =>
  `https://graph.microsoft.com/v1.0${decodeURIComponent(hostedContentPath(of))}`;

/** Removes marks and white space. */
export const visibleText = (markdown: string) => markdown.replace(/[\s\u200b*_~`\\>#|-]/g, "");
