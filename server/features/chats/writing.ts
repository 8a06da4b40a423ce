/** Writes each recipient's post: texts in their language, files, and the thread it belongs to. */

import { type Conversion, quotedIds } from "./delivery/conversion.ts";
import { type FetchedFiles, Files } from "./delivery/files.ts";
import type { IncomingMessage } from "./delivery/incoming.ts";
import { postIdOf } from "./delivery/message-records.ts";
import type { NewPost } from "./delivery/posting.ts";
import { deepLink, fileLine, headline, nameOf } from "./delivery/wording.ts";
import type { Chat } from "./recipients/chat-directory.ts";
import type { Account } from "./recipients/people.ts";
import { chatWords } from "./words.ts";
import type { DeliveryPorts, Work } from "./work.ts";

const MAX_RUNES = 16_383;

export class Writing {
  readonly #ports: DeliveryPorts;
  readonly #files: Files;

  constructor(ports: DeliveryPorts) {
    this.#ports = ports;
    this.#files = new Files(ports);
  }

  /** Prepares each recipient's post. A recipient without an entry gets none. */
  async prepare(
    work: Work & {
      readonly conversion: Conversion;
      readonly isPatient: boolean;
      readonly to: readonly string[];
    },
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, NewPost>> {
    const { chat, connected, conversion, isPatient, message, readers, to } = work;
    const { bot, config, people, persons, threads } = this.#ports;
    const { sender } = message;
    const prepared = new Map<string, NewPost>();
    if (!sender || to.length === 0) return prepared;
    const senderId = connected.get(sender.userId?.toLowerCase() ?? "") ?? "";
    const accounts = await people.accounts([...to, ...(senderId ? [senderId] : [])]);
    const url = deepLink(config.current, chat.id, message.messageId);
    const texts = new Map<string, Written>();
    const roots = new Map<string, string | null>();
    const written = new Map<string, Written>();
    for (const userId of to) {
      const account = accounts.get(userId);
      if (!account) continue;
      const quoted = await quotedRoot(this.#ports, userId, message);
      roots.set(userId, quoted ?? (await threads.rootOf(userId, chat.id)));
      const key = `${account.language} ${quoted !== null}`;
      let text = texts.get(key);
      if (!text) {
        text = write(conversion, {
          account,
          chat,
          sender,
          url,
          threadOf: quoted === null ? null : () => quoted,
        });
        texts.set(key, text);
      }
      written.set(userId, text);
    }
    const [any] = written.values();
    if (!any) return prepared;
    if (any.dropped !== null) {
      this.#ports.metrics.discarded(any.dropped === "no_sender" ? "no_user_event" : any.dropped);
      return prepared;
    }
    let fetched: FetchedFiles = { ids: new Map(), notes: [] };
    if (any.files.length > 0) {
      const channels = new Map<string, string>();
      for (const userId of written.keys()) channels.set(userId, await bot.directChannel(userId));
      fetched = await this.#files.collect({ files: any.files, channels, readers, signal, isPatient });
      for (const { word } of fetched.notes) this.#ports.metrics.file(word);
      for (const _ of fetched.ids.values().next().value ?? []) this.#ports.metrics.file("delivered");
    }
    for (const [userId, { head, markdown, text }] of written) {
      const account = accounts.get(userId) as Account;
      const say = chatWords.in(account.language);
      const by = nameOf(sender, say);
      const wantsGroups = (await persons.read(userId)).chosen.grouping === true;
      // A post with files, notes or a thread is not combined with others.
      const isPlain = any.files.length === 0 && (roots.get(userId) ?? null) === null;
      prepared.set(userId, {
        to: userId,
        language: account.language,
        chatId: chat.id,
        messageId: message.messageId,
        text,
        notes: fetched.notes.map((one) => fileLine(one, url, say)).join("\n"),
        rootId: roots.get(userId) ?? null,
        fileIds: fetched.ids.get(userId) ?? [],
        sender: { name: by, account: accounts.get(senderId) ?? null },
        group:
          wantsGroups && isPlain ? { head, parts: [{ id: message.messageId, by, text: markdown }] } : null,
      });
    }
    return prepared;
  }
}

/** Finds the thread of the post that shows the message which this one quotes. */
export async function quotedRoot(
  { api, records }: Pick<DeliveryPorts, "api" | "records">,
  userId: string,
  message: IncomingMessage,
): Promise<string | null> {
  const [quoted] = quotedIds(message);
  if (quoted === undefined) return null;
  const seen = await records.read(message.chatId, quoted);
  const postId = postIdOf(seen?.record.people[userId]);
  if (postId === null) return null;
  const post = await api.getPost(postId).catch(() => null);
  return post && post.DeleteAt === 0 ? post.RootId || post.Id : null;
}

export interface Written {
  readonly dropped: Exclude<ReturnType<Conversion["of"]>["dropped"], null> | null;
  /** The line with the author and the chat. */
  readonly head: string;
  readonly markdown: string;
  /** Head and Markdown together. */
  readonly text: string;
  readonly files: Parameters<Files["collect"]>[0]["files"];
}

export function write(
  conversion: Conversion,
  given: {
    readonly account: Account;
    readonly chat: Chat;
    readonly sender: NonNullable<IncomingMessage["sender"]>;
    readonly url: string;
    readonly threadOf: ((messageId: string) => string | null) | null;
  },
): Written {
  const { account, chat, sender, threadOf, url } = given;
  const head = headline(sender, chat, url, chatWords.in(account.language));
  const post = converted(conversion, {
    language: account.language,
    url,
    // Lines about ten files need at most 3,000 characters.
    maxRunes: MAX_RUNES - [...head].length - 3_000,
    ...(threadOf ? { threadOf } : {}),
  });
  // An unexpected case: the reader still learns of the message, and finds it in Teams.
  if (!post) return { dropped: null, head, markdown: "", text: head, files: [] };
  if (post.dropped !== null) return { dropped: post.dropped, head, markdown: "", text: "", files: [] };
  const { files, markdown } = post;
  return { dropped: null, head, markdown, text: markdown === "" ? head : `${head}\n\n${markdown}`, files };
}

function converted(
  conversion: Conversion,
  reader: Parameters<Conversion["of"]>[0],
): ReturnType<Conversion["of"]> | null {
  try {
    return conversion.of(reader);
  } catch {
    return null;
  }
}
