/** Converts messages as a stranger in Teams may write them to posts. */

import { type TeamsMessage, toMarkdown } from "../index.ts";
import { options } from "./teams-world.ts";

export const from = { user: { id: "u-rob", displayName: "Robin" } };
export const chatId = "19:chat1@thread.v2";
export const hosted = `https://graph.microsoft.com/v1.0/chats/${chatId}/messages/1/hostedContents/aQ==/$value`;

export function convert(content: string, rest: object = {}) {
  return toMarkdown({ from, body: { contentType: "html", content }, ...rest } as TeamsMessage, options());
}
export const markdownOf = (content: string, rest: object = {}) => {
  const post = convert(content, rest);
  return post.dropped ?? post.markdown;
};
export const card = (contentType: string, content: unknown, rest: object = {}) =>
  markdownOf('<attachment id="a"></attachment>', {
    attachments: [
      {
        id: "a",
        contentType,
        content: typeof content === "string" ? content : JSON.stringify(content),
        ...rest,
      },
    ],
  });
export const adaptive = (body: unknown, rest: object = {}) =>
  card("application/vnd.microsoft.card.adaptive", { type: "AdaptiveCard", body, ...rest });
