/**
 * The implementation of Teams chats in Mattermost. feature.ts loads it when the switch is on and there is something
 * to do.
 */

import type { Change, Gap, GapWork } from "../../microsoft/subscriptions/index.ts";
import type { Press, PressReply } from "../../platform/bot/cards.ts";
import type { Outcome } from "../../platform/work/queue.ts";
import type { Post, Reaction } from "../../runtime/mattermost/index.ts";
import { Answers } from "./answers/answers.ts";
import { Threads } from "./answers/threads.ts";
import { Delivery } from "./delivery/delivery.ts";
import { GapFiller } from "./delivery/gap-filler.ts";
import { LateMessages } from "./delivery/late.ts";
import { MessageRecords } from "./delivery/message-records.ts";
import { memberCommand } from "./members/member-command.ts";
import { memberSettings } from "./members/member-settings.ts";
import { mutes } from "./members/mutes.ts";
import { PersonRecords } from "./members/person-records.ts";
import { type ChatTotals, createChatMetrics } from "./metrics.ts";
import type { ChatsPorts } from "./ports.ts";
import { ChatDirectory } from "./recipients/chat-directory.ts";
import { People } from "./recipients/people.ts";
import { Presence } from "./recipients/presence.ts";
import { type RecipientTrial, recipientTrial } from "./recipients/recipient-trial.ts";

export interface Chats {
  changed(change: Change, signal: AbortSignal): Promise<Outcome>;
  fillGap(gap: Gap, work: GapWork): Promise<void>;
  /** Handler of the hook messageHasBeenPosted for a reply in a thread. */
  posted(post: Post): Promise<void>;
  reacted(reaction: Reaction, isRemoved: boolean): Promise<void>;
  pressed(press: Press): Promise<PressReply>;
  answerPressed(press: Press): Promise<PressReply>;
  readonly settings: ReturnType<typeof memberSettings>;
  readonly command: ReturnType<typeof memberCommand>;
  /** Drops everything about a person from memory. */
  forget(userId: string): Promise<void>;
  connectedCount(): number;
  readonly totals: ChatTotals;
  readonly recipients: RecipientTrial;
  /** Runs until the signal is aborted: sends answers, and posts what quiet hours delayed. */
  run(signal: AbortSignal): Promise<void>;
}

export function createChats(ports: ChatsPorts): Chats {
  const { api, bot } = ports;
  const people = new People(ports);
  const persons = new PersonRecords(ports);
  const metrics = createChatMetrics(ports.metrics, ports.clock.now);
  const directory = new ChatDirectory(ports);
  const threads = new Threads({ ...ports, persons });
  const presence = new Presence(ports);
  const late = new LateMessages({ ...ports, people, persons, directory });
  const records = new MessageRecords(ports.kv);
  const delivery = new Delivery({
    ...{ ...ports, people, persons, presence, metrics, threads, late, directory, records },
  });
  const answers = new Answers({ ...ports, people, threads, directory, metrics });
  const gaps = new GapFiller({ ...ports, people, delivery });
  const settings = memberSettings({ ...ports, persons, people });
  ports.metrics.watch(
    "chat_answers_waiting",
    "Answers that wait for Microsoft.",
    () => answers.state.waiting,
  );

  /** Whether a post is in the direct channel of the bot and its author. Posts of other people cost no call. */
  async function isWithBot(userId: string, channelId: string): Promise<boolean> {
    if ((await people.objectIdOf(userId)) === null) return false;
    return (await bot.directChannel(userId)) === channelId;
  }

  return {
    settings,
    command: memberCommand(settings),
    async changed({ changeType, content, receivedAt, resource }, signal) {
      if (resource.kind !== "chat_message") {
        metrics.discarded("channel_notifications_unsupported");
        return { kind: "drop", because: "channel_notifications_unsupported" };
      }
      const { chatId, messageId } = resource;
      return delivery.handle({ chatId, messageId, changeType, content, receivedAt }, signal);
    },
    fillGap: (gap, work) => gaps.fill(gap, work),
    async posted(post) {
      if (!(await isWithBot(post.UserId, post.ChannelId))) return;
      const root = await api.getPost(post.RootId);
      if (root) await answers.posted(post, root);
    },
    async reacted(reaction, isRemoved) {
      const post = await api.getPost(reaction.PostId).catch(() => null);
      if (post && (await isWithBot(reaction.UserId, post.ChannelId)))
        await answers.reacted(reaction, post, isRemoved);
    },
    pressed: mutes({ ...ports, persons, people, announce: settings.announce }),
    answerPressed: (press) => answers.pressed(press),
    async forget(userId) {
      await persons.remove(userId);
      people.changed();
    },
    connectedCount: () => people.count,
    totals: metrics.totals,
    recipients: recipientTrial({ ...ports, people, persons, presence }),
    async run(signal) {
      await Promise.all([answers.run(signal), late.run(signal)]);
    },
  };
}
