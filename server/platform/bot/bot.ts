/** The plugin's bot account and what it sends: direct messages, cards, and ephemeral posts. */

import type { Api, Input, Post } from "../../runtime/mattermost/index.ts";

export type BotApi = Pick<
  Api,
  "ensureBotUser" | "getDirectChannel" | "createPost" | "updatePost" | "getPost" | "sendEphemeralPost"
>;

export interface BotMessage {
  /** Markdown. */
  readonly text: string;
  readonly props?: Readonly<Record<string, unknown>>;
  /** Posts into the thread of this post. */
  readonly rootId?: string;
  readonly fileIds?: readonly string[];
}

export interface Bot {
  /** Returns the id of the bot account. Creates the account when it does not exist. */
  userId(): Promise<string>;
  /** Returns the id of the bot's direct channel with a person. */
  directChannel(userId: string): Promise<string>;
  /** Sends a direct message. Returns the post. */
  direct(userId: string, message: BotMessage): Promise<Post>;
  /** Posts in a channel. The bot need not be a member. */
  post(channelId: string, message: BotMessage): Promise<Post>;
  /** Replaces text and props of a post of the bot. Returns null when the post no longer exists. */
  update(postId: string, message: Pick<BotMessage, "text" | "props">): Promise<Post | null>;
  /** Posts a message that only one person sees, until they reload. */
  ephemeral(
    to: { readonly userId: string; readonly channelId: string; readonly rootId?: string },
    text: string,
  ): Promise<void>;
}

export function createBot(
  api: BotApi,
  account: { readonly username: string; readonly displayName: string; readonly description: string },
): Bot {
  let ensured: Promise<string> | null = null;
  const channels = new Map<string, Promise<string>>();

  const userId = () => {
    ensured ??= api
      .ensureBotUser({
        Username: account.username,
        DisplayName: account.displayName,
        Description: account.description,
        OwnerId: account.username,
      })
      .catch((error) => {
        ensured = null;
        throw error;
      });
    return ensured;
  };

  const openDirect = async (person: string) => {
    const channel = await api.getDirectChannel(await userId(), person);
    if (!channel) throw new Error("the server answered without a direct channel");
    return channel.Id;
  };

  async function create(channelId: string, { text, props, rootId, fileIds }: BotMessage): Promise<Post> {
    const post: Input<Post> = {
      ChannelId: channelId,
      UserId: await userId(),
      Message: text,
      ...(props ? { Props: { ...props } } : {}),
      ...(rootId ? { RootId: rootId } : {}),
      ...(fileIds ? { FileIds: [...fileIds] } : {}),
    };
    const created = await api.createPost(post);
    if (!created) throw new Error("the server answered without the post");
    return created;
  }

  const bot: Bot = {
    userId,
    // The id of a direct channel never changes; 10,000 people take 1 MB.
    directChannel(person) {
      let channel = channels.get(person);
      if (!channel) {
        channel = openDirect(person).catch((error) => {
          channels.delete(person);
          throw error;
        });
        channels.set(person, channel);
      }
      return channel;
    },
    direct: async (person, message) => create(await bot.directChannel(person), message),
    post: create,
    async update(postId, { text, props }) {
      const post = await api.getPost(postId);
      if (!post || post.DeleteAt > 0 || post.UserId !== (await userId())) return null;
      return api.updatePost({ ...post, Message: text, ...(props ? { Props: { ...props } } : {}) });
    },
    async ephemeral({ userId: person, channelId, rootId }, text) {
      await api.sendEphemeralPost(person, {
        ChannelId: channelId,
        UserId: await userId(),
        Message: text,
        ...(rootId ? { RootId: rootId } : {}),
      });
    },
  };
  return bot;
}
