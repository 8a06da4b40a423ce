/**
 * The engine of linked channels: one queue with two lanes for each link.
 *
 *   hooks of this server ─▶ out {link} ─▶ send, edit, delete, react ─▶ Teams
 *   Microsoft, gaps      ─▶ in {link}  ─▶ receive                   ─▶ posts
 *
 * Entries contain only ids. The current state of a post is sent, so edits and deletions of waiting posts are
 * included.
 */

import { randomUUID } from "node:crypto";
import type { ChangeListener } from "../../microsoft/subscriptions/index.ts";
import { languageOf } from "../../platform/i18n/index.ts";
import { type Outcome, Queue, type QueueWork } from "../../platform/work/queue.ts";
import { Alone } from "./alone.ts";
import { EndedLinks } from "./links/ended.ts";
import { blocks, Life } from "./links/life.ts";
import { type ChannelLink, ChannelLinks } from "./links/link-store.ts";
import { tellAdded } from "./links/members.ts";
import { tellSwitchedOff } from "./links/notices.ts";
import { Progress } from "./links/progress.ts";
import { paced as pacedBy } from "./pace.ts";
import { PairIndex } from "./pairs/pair-index.ts";
import { ofMessage, ofPost, PairStore } from "./pairs/pair-store.ts";
import { People } from "./people.ts";
import type { ChannelsPorts } from "./ports.ts";
import type { Room } from "./room.ts";
import { TeamsApi } from "./teams-api.ts";
import { channelChanges, resourceOf } from "./to-mattermost/changes.ts";
import { Contents } from "./to-mattermost/contents.ts";
import { InOrder } from "./to-mattermost/in-order.ts";
import { type Receive, receive } from "./to-mattermost/receive.ts";
import { deletePost } from "./to-teams/delete.ts";
import { RETRY_CARD } from "./to-teams/failures.ts";
import { type HookEvents, hookEvents } from "./to-teams/hook-events.ts";
import { findReactions, sendReaction } from "./to-teams/reactions.ts";
import { sendPost } from "./to-teams/send.ts";
import { giveUp } from "./to-teams/unsent.ts";
import { channelWords } from "./words.ts";
import { laneOf, parseWork, placeOf, type Work, waitingByLink } from "./work.ts";

export interface Engine extends HookEvents {
  readonly room: Room;
  readonly life: Life;
  readonly listener: Pick<ChangeListener, "changed" | "fillGap" | "wishes">;
  readonly queue: Queue<Work>;
  /** Called by an admin: checks both channels again, and retries what was given up. null: there is no such link. */
  retry(link: string): Promise<ChannelLink | null>;
  start(): void;
  stop(): Promise<void>;
  /** An admin has switched it off: the linked channels read that, once. */
  switchedOff(): Promise<void>;
}

const DAY_MS = 24 * 3_600_000;
const EXPIRY_MS = 3 * DAY_MS;
/**
 * Deletions are kept this long. Posts that expired while the server was down are kept as well, so that their authors
 * can be notified.
 */
const KEPT_MS = 7 * DAY_MS;
const MAX_WAITING = 100_000;
const CONCURRENCY = 16;
const MAX_TRIES = 8;
const PAUSED_MS = 60_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 2 * 60_000;
const PARKED_RETRY_MS = 30 * 60_000;
const RETRY = "channels.retry";
const OLDER_FIRST: Outcome = { kind: "retry", because: "older_first", afterMs: 0, counts: false };
const ARCHIVED = /deleted|archived/;

export function createEngine(ports: ChannelsPorts): Engine {
  const { api, bot, cards, clock, cluster, kv, log, metrics } = ports;
  const links = new ChannelLinks({ kv, cluster, log, now: clock.now });
  const copies = metrics.counter("channels_copied_total", "What was copied between linked channels.");
  const drops = metrics.counter(
    "channels_dropped_total",
    "What was not copied between linked channels, and why.",
  );
  const contents = new Contents();
  const failures = new Map<string, number>();
  const alone = new Alone();
  const inOrder = new InOrder(clock.now());
  const progress = new Progress({ kv, log, now: clock.now });
  const pairs = new PairStore(kv);
  const index = new PairIndex({ kv, progress });
  pairs.onBegin = (link, key) => index.note(link, key);
  const busy = new Map<string, Set<Promise<unknown>>>();
  const room: Room = {
    ports,
    links,
    progress,
    pairs,
    ended: new EndedLinks({ kv, pairs, index, progress, now: clock.now }),
    idle,
    people: new People(ports),
    teams: new TeamsApi({ graph: ports.graph, turn: pacedBy(clock), isClosed: (at) => life.isClosed(at) }),
    async say() {
      const config = await api.getConfig();
      return channelWords.in(languageOf(config?.LocalizationSettings?.DefaultServerLocale ?? ""));
    },
    async add(work, id = randomUUID()) {
      const result = await queue.add({ id, key: laneOf(work), at: clock.now(), value: work });
      if (result === "full") throw new Error("too much waits for linked channels");
    },
    async alone(key, work) {
      return alone.run((await room.pairs.home(key)) ?? key, work);
    },
    waiting: async () => waitingByLink(await queue.byKey()),
    copied(link, direction, what) {
      copies.add({ direction, what });
      progress.note(link.id, direction);
    },
    dropped: (direction, reason) => drops.add({ direction, reason }),
  };
  const queue = new Queue<Work>(
    {
      name: "channels",
      parse: parseWork,
      handle,
      // Older entries are given up below, and their authors notified.
      expiryMs: () => KEPT_MS,
      maxEntries: MAX_WAITING,
      concurrency: CONCURRENCY,
      maxTries: MAX_TRIES,
      placeOf,
      onParked: (reason) => drops.add({ direction: "", reason: `parked_${reason}` }),
    },
    { kv, cluster, log, clock, ...(ports.leaseMs === undefined ? {} : { leaseMs: ports.leaseMs }) },
  );
  const life = new Life(room, { wake: () => queue.wake() });
  metrics.watch(
    "channels_waiting",
    "Changes that wait to be copied, on the node that works them off.",
    () => queue.state.waiting,
  );
  metrics.watch("linked_channels", "Linked channels.", () => links.count);
  links.onChange = () => {
    ports.subscriptions.wishesChanged();
    life.soon();
    // Entries that wait for a removed link are handled now.
    queue.wake();
  };
  // Open pages of the channel's members read the link again.
  links.onOwnChange = (channelId) => {
    type Broadcast = Parameters<typeof ports.api.publishWebSocketEvent>[2];
    ports.api
      .publishWebSocketEvent("channels_link", { channel_id: channelId }, {
        ChannelId: channelId,
      } as Broadcast)
      .catch((error: unknown) =>
        log.info("Open pages were not told of a link", { channel: channelId, error }),
      );
  };

  async function idle(link: string): Promise<boolean> {
    if (!queue.state.working) return false;
    await Promise.allSettled(busy.get(link) ?? []);
    await progress.settled();
    return true;
  }

  async function handle(one: QueueWork<Work>): Promise<Outcome> {
    const { link } = one.entry.value;
    const all = busy.get(link) ?? new Set();
    busy.set(link, all);
    const mine = handleOne(one);
    all.add(mine);
    try {
      return await mine;
    } finally {
      all.delete(mine);
      if (all.size === 0) busy.delete(link);
    }
  }

  async function handleOne({ entry: { value: work, at }, signal }: QueueWork<Work>): Promise<Outcome> {
    const link = (await links.byId(work.link)) ?? (await links.fresh(work.link));
    if (!link) return settled(work, { kind: "drop", because: "unlinked" });
    if (clock.now() - at >= EXPIRY_MS && work.do !== "delete") {
      if (work.do === "post") await giveUp(room, link, work.post);
      return settled(work, { kind: "drop", because: "expired" });
    }
    if (link.paused !== null && blocks(link.paused))
      return { kind: "retry", because: link.paused, counts: false, afterMs: PAUSED_MS };
    return settled(work, paced(work, await perform(link, work, signal)));
  }

  /**
   * While Microsoft is unreachable, a lane retries less and less often; when Microsoft names a time, it retries then.
   */
  function paced(work: Work, outcome: Outcome): Outcome {
    const lane = laneOf(work);
    if (outcome.kind !== "retry" || !outcome.because.startsWith("microsoft_")) {
      failures.delete(lane);
      return outcome;
    }
    const count = (failures.get(lane) ?? 0) + 1;
    failures.set(lane, count);
    const grown = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(count - 1, 10));
    return { ...outcome, afterMs: outcome.afterMs ?? Math.ceil(grown * (0.75 + clock.random() / 4)) };
  }

  async function perform(link: ChannelLink, work: Work, signal: AbortSignal): Promise<Outcome> {
    switch (work.do) {
      case "post":
        return room.alone(ofPost(work.post), () => sendPost(room, link, work.post, signal));
      case "delete":
        return room.alone(ofPost(work.post), () => deletePost(room, link, work));
      case "react":
        return room.alone(ofPost(work.post), () => sendReaction(room, link, work));
      case "reactions":
        return room.alone(ofPost(work.post), () => findReactions(room, link, work.post));
      case "receive":
        return received(link, work, signal);
    }
  }

  async function received(link: ChannelLink, work: Receive, signal: AbortSignal): Promise<Outcome> {
    const message = contents.get(link.id, work.message);
    if (message?.eventDetail) {
      await life.happened(link, message);
      await tellAdded(room, link, message);
      return { kind: "drop", because: "no_user_event" };
    }
    const one = { room, link, work, signal, turn: () => turnOf(link, work) };
    try {
      const wait = await inOrder.catchUp(one, message);
      return wait ?? (await room.alone(ofMessage(link.id, work.message), () => receive(one, message)));
    } catch (error) {
      const id = (error as { id?: unknown } | null)?.id;
      if (typeof id !== "string" || !ARCHIVED.test(id)) throw error;
      await life.look(link);
      return { kind: "retry", because: "mattermost_archived", counts: false, afterMs: PAUSED_MS };
    }
  }

  /** Before a post is made: something that was written before may have come meanwhile, or be on its way. */
  async function turnOf(link: ChannelLink, work: Receive): Promise<Outcome | null> {
    await ports.subscriptions.older(resourceOf(link, work));
    return queue.isOvertaken(laneOf(work)) ? OLDER_FIRST : null;
  }

  function settled(work: Work, outcome: Outcome): Outcome {
    if (outcome.kind === "retry") return outcome;
    if (work.do === "receive") contents.release(work.link, work.message);
    if (outcome.kind === "drop")
      room.dropped(work.do === "receive" ? "to_mattermost" : "to_teams", outcome.because);
    return outcome;
  }

  cards.handle(RETRY_CARD, async ({ value, post, userId }) => {
    const { link, post: postId } = value as { link: string; post: string };
    const user = await api.getUser(userId);
    const say = channelWords.in(languageOf(user?.Locale ?? ""));
    if (!(await links.fresh(link))) return { ephemeral: say("not_linked_any_more") };
    await room.add({ do: "post", link, post: postId });
    const { attachments: _, ...props } = post.Props;
    await bot.update(post.Id, { text: `${post.Message}\n\n_${say("trying")}_`, props });
    return {};
  });

  /** What failed repeatedly may work after an update of either side, so nothing of it is dropped at once. */
  async function retryParked(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(PARKED_RETRY_MS, signal);
      if (!signal.aborted) await retryHere();
    }
  }

  /** Only on the node that works the queue; other nodes have nothing to retry. */
  const retryHere = () =>
    queue
      .retryParked()
      .catch((error: unknown) =>
        log.warn("What failed in linked channels could not be tried again", { error }),
      );

  let stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();

  return {
    room,
    life,
    queue,
    listener: channelChanges({ room, contents }),
    ...hookEvents(room),
    async retry(id) {
      const link = await links.fresh(id);
      if (!link) return null;
      const now = await life.look(link).catch((error: unknown) => {
        log.info("A linked channel could not be looked at", { link: id, error });
        return link;
      });
      ports.subscriptions.retry();
      cluster
        .publish(RETRY, "")
        .catch((error: unknown) => log.info("Other nodes do not try again", { error }));
      await retryHere();
      return now;
    },
    start() {
      stopping = new AbortController();
      const { signal } = stopping;
      const ends = [links.listen(), cluster.on(RETRY, () => void retryHere())];
      running = Promise.all([queue.run(signal), life.run(signal), retryParked(signal)]).finally(() => {
        for (const end of ends) end();
      });
    },
    async stop() {
      stopping.abort();
      await running;
    },
    switchedOff: () => tellSwitchedOff(room),
  };
}
