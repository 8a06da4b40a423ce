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
import { Queue } from "../../platform/work/queue.ts";
import { Alone } from "./alone.ts";
import { Entries } from "./entries.ts";
import { FilePatience } from "./file-patience.ts";
import { InWork } from "./in-work.ts";
import { EndedLinks } from "./links/ended.ts";
import { KnownMembers } from "./links/known-members.ts";
import { Life } from "./links/life.ts";
import { type ChannelLink, ChannelLinks } from "./links/link-store.ts";
import { tellSwitchedOff } from "./links/notices.ts";
import { Progress } from "./links/progress.ts";
import { paced as pacedBy } from "./pace.ts";
import { PairIndex } from "./pairs/pair-index.ts";
import { PairStore } from "./pairs/pair-store.ts";
import { People } from "./people.ts";
import type { ChannelsPorts } from "./ports.ts";
import type { Room } from "./room.ts";
import { serverFacts } from "./server-facts.ts";
import { TeamsApi } from "./teams-api.ts";
import { channelChanges } from "./to-mattermost/changes.ts";
import { Contents } from "./to-mattermost/contents.ts";
import { RETRY_CARD } from "./to-teams/failures.ts";
import { type HookEvents, hookEvents } from "./to-teams/hook-events.ts";
import { retryPresses } from "./to-teams/retry-presses.ts";
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
  /** Called when an admin has switched linked channels off: posts that in each of them, once. */
  switchedOff(): Promise<void>;
}

const DAY_MS = 24 * 3_600_000;
/**
 * Deletions are kept this long. Posts that expired while the server was down are kept as well, so that their authors
 * can be notified.
 */
const KEPT_MS = 7 * DAY_MS;
const MAX_WAITING = 100_000;
const CONCURRENCY = 16;
const MAX_TRIES = 8;
const PARKED_RETRY_MS = 30 * 60_000;
const RETRY = "channels.retry";

export function createEngine(ports: ChannelsPorts): Engine {
  const { cards, clock, cluster, kv, log, metrics } = ports;
  const links = new ChannelLinks({ kv, cluster, log, now: clock.now });
  const copies = metrics.counter("channels_copied_total", "What was copied between linked channels.");
  const drops = metrics.counter(
    "channels_dropped_total",
    "What was not copied between linked channels, and why.",
  );
  const contents = new Contents();
  const alone = new Alone();
  const progress = new Progress({ kv, log, now: clock.now });
  const pairs = new PairStore(kv);
  const members = new KnownMembers(kv);
  const server = serverFacts(ports);
  const index = new PairIndex({ kv, progress });
  pairs.onBegin = (link, key) => index.note(link, key);
  const inWork = new InWork();
  const room: Room = {
    ports,
    links,
    progress,
    pairs,
    index,
    server,
    members,
    ended: new EndedLinks({ kv, pairs, index, members, progress, now: clock.now }),
    idle,
    filePatience: new FilePatience(clock.now),
    people: new People(ports),
    teams: new TeamsApi({ graph: ports.graph, turn: pacedBy(clock), isClosed: (at) => life.isClosed(at) }),
    language: async () => (await server()).language,
    say: async () => channelWords.in(await room.language()),
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
      handle: (one) => inWork.run(one.entry.value.link, () => entries.handle(one)),
      // Older entries are given up below, with a message to the author.
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
  const entries = new Entries({ room, life, contents, queue });
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
        log.info("Open pages did not learn of a link", { channel: channelId, error }),
      );
  };

  async function idle(link: string): Promise<boolean> {
    if (!queue.state.working) return false;
    await inWork.settled(link);
    await progress.settled();
    return true;
  }

  cards.handle(RETRY_CARD, retryPresses(room));

  /** Retries on the node that works the queue; other nodes have nothing to retry. */
  const retryHere = () =>
    queue
      .retryParked()
      .catch((error: unknown) =>
        log.warn("Failed changes of linked channels could not be tried again", { error }),
      );

  /** Changes that failed repeatedly may succeed after an update of either side, so they are retried for a week. */
  async function retryParked(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(PARKED_RETRY_MS, signal);
      if (!signal.aborted) await retryHere();
    }
  }

  let stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();

  return {
    room,
    life,
    queue,
    listener: channelChanges({ room, contents, happened: (link, message) => life.happened(link, message) }),
    ...hookEvents(room),
    async retry(id) {
      const link = await links.fresh(id);
      if (!link) return null;
      const now = await life.look(link, null, { again: true }).catch((error: unknown) => {
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
