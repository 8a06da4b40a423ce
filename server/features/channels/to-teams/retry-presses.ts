/** Presses of *Try again* under a message about a post that did not reach Teams. */

import type { CardHandler } from "../../../platform/bot/cards.ts";
import { languageOf } from "../../../platform/i18n/index.ts";
import type { Room } from "../room.ts";
import { channelWords } from "../words.ts";

export const retryPresses =
  ({ add, links, ports: { api, bot } }: Room): CardHandler =>
  async ({ post, userId, value }) => {
    // The second request of a double press finds no button. If both find it, the pair prevents a second message.
    if (!post.Props.attachments) return {};
    const { link, post: postId } = value as { link: string; post: string };
    const user = await api.getUser(userId);
    const say = channelWords.in(languageOf(user?.Locale ?? ""));
    if (!(await links.fresh(link))) return { ephemeral: say("not_linked_any_more") };
    await add({ do: "post", link, post: postId });
    const { attachments: _, ...props } = post.Props;
    await bot.update(post.Id, { text: `${post.Message}\n\n_${say("trying")}_`, props });
    return {};
  };
