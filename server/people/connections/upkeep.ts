/**
 * The hourly job for all connections, on one node: finishes removals, sends messages about losses, renews tokens of
 * idle people, and re-encrypts what the previous key encrypted.
 */

import { type KeyRing, open } from "../../platform/store/sealed.ts";
import type { Logger } from "../../runtime/mattermost/index.ts";
import { BOT } from "./bot-account/bot-record.ts";
import { type Connection, type ConnectionEntry, ownerOf } from "./connection.ts";
import type { ConnectionStore, SeenConnection } from "./connection-store.ts";
import { randomText } from "./flow/flow-states.ts";
import type { PersonTokens } from "./person-tokens.ts";

export interface UpkeepPorts {
  readonly store: ConnectionStore;
  readonly tokens: Pick<PersonTokens, "renew">;
  readonly ring: () => KeyRing | null;
  readonly clock: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  readonly log: Pick<Logger, "warn">;
  /** Sends the message about a loss. Returns its id when it is a single post. */
  readonly tell: (userId: string, account: string) => Promise<string | undefined>;
  /** Whether the account may still be linked to this Microsoft account. */
  readonly isLinked: (userId: string, connection: Connection) => Promise<boolean>;
  readonly remove: (userId: string) => Promise<void>;
  /** The welcome, and what features do with a new connection. */
  /** The connection was found lost. */
  readonly onLost: (userId: string, code: string) => void;
  readonly tenantId: () => string;
  readonly followUp: (userId: string, connection: Connection) => Promise<void>;
  /** Removes what an interrupted node left behind. */
  readonly tidy: () => Promise<void>;
}

const DAY_MS = 86_400_000;
/** Entra ends a refresh token after 90 days without use; policies may set 7 days. */
export const RENEW_AFTER_MS = 6 * DAY_MS;
/** At most one message about a loss within this time. */
const NOTICE_AGAIN_MS = DAY_MS;
/** After this time, a node that had claimed the message is considered dead. */
const NOTICE_TAKES_MS = 5 * 60_000;
/** Time allowed from the list entry to the last step of a connect. */
const CONNECTING_TAKES_MS = 10 * 60_000;
/** Entra's limits are far higher; this prevents a burst when a server with 10,000 people restarts. */
const GAP_MS = 200;

export async function keepUp(ports: UpkeepPorts, signal: AbortSignal): Promise<void> {
  await ports.tidy();
  await keepUpBot(ports).catch((error: unknown) => notKeptUp(ports, BOT, error));
  for await (const [userId, entry] of ports.store.entries.entries()) {
    if (signal.aborted) return;
    try {
      await keepUpOne(ports, userId, entry);
    } catch (error) {
      notKeptUp(ports, userId, error);
    }
  }
}

function notKeptUp({ log }: UpkeepPorts, userId: string, error: unknown): void {
  const code = (error as { code?: unknown }).code;
  log.warn("A connection could not be maintained", { user_id: userId, code: String(code ?? "unknown") });
}

async function keepUpBot(ports: UpkeepPorts): Promise<void> {
  const seen = await ports.store.read(BOT);
  if (seen?.connection.lost) await tellOnce(ports, BOT, seen);
  else if (seen) await renewWhereDue(ports, BOT, seen.connection);
}

async function keepUpOne(ports: UpkeepPorts, userId: string, entry: ConnectionEntry): Promise<void> {
  const { clock, remove, store } = ports;
  const seen = await store.read(userId);
  if (!seen && (await foundUnreadable(ports, userId, entry))) return;
  // A connect that stopped before its last step, and not one in progress.
  if (!seen) return clock() - entry.since < CONNECTING_TAKES_MS ? undefined : remove(userId);
  const { connection } = seen;
  if (connection.leaving || !(await ports.isLinked(userId, connection))) return remove(userId);
  if (connection.lost) return tellOnce(ports, userId, seen);
  if (connection.isNew && clock() - connection.since >= CONNECTING_TAKES_MS)
    await ports.followUp(userId, connection);
  await renewWhereDue(ports, userId, connection);
}

/** An unreadable record is a loss of this one person, who gets a message. */
async function foundUnreadable(ports: UpkeepPorts, userId: string, entry: ConnectionEntry): Promise<boolean> {
  const { clock, onLost, store, tenantId } = ports;
  const { account, madeLink = false, objectId, since } = entry;
  const lost: Connection = {
    ...{ v: 1, id: randomText(), tenantId: tenantId(), objectId, account, since, scopes: [] },
    ...{ sealed: "", takenAt: clock(), madeLink },
    lost: { at: clock(), code: "damaged", notice: "open" },
  };
  if (!(await store.replaceUnreadable(userId, lost))) return false;
  await store.entries.update(userId, (known) => known && { ...known, lost: true as const });
  onLost(userId, "damaged");
  return true;
}

async function renewWhereDue(ports: UpkeepPorts, userId: string, connection: Connection): Promise<void> {
  const { clock, pause, ring, tokens } = ports;
  const keys = ring();
  if (!keys) return;
  const opened = open(connection.sealed, ownerOf(userId), keys);
  const isStale = opened.ok && opened.stale;
  const isIdle = clock() - connection.takenAt >= RENEW_AFTER_MS;
  const isDamaged = !opened.ok && opened.why === "damaged";
  if (!isStale && !isIdle && !isDamaged) return;
  await pause(GAP_MS);
  await tokens.renew(userId);
}

/** At most one message per loss and at most one a day; after a crash right after sending, it may be sent twice. */
export async function tellOnce(ports: UpkeepPorts, userId: string, seen: SeenConnection): Promise<void> {
  const { clock, store, tell } = ports;
  const now = clock();
  const { connection } = seen;
  const { lost, noticeAt } = connection;
  if (!lost || lost.notice === "done") return;
  if (typeof lost.notice === "number" && now - lost.notice < NOTICE_TAKES_MS) return;
  const recently = noticeAt !== undefined && now - noticeAt < NOTICE_AGAIN_MS;
  const next: Connection = { ...connection, lost: { ...lost, notice: recently ? "done" : now } };
  if (!(await store.change(userId, seen, next)) || recently) return;
  const post = await tell(userId, connection.account);
  const fresh = await store.read(userId);
  if (fresh?.connection.id !== connection.id) return;
  const { lost: still } = fresh.connection;
  const notice = still ? { lost: { ...still, notice: "done" as const } } : {};
  const noticePost = post === undefined ? {} : { noticePost: post };
  await store.change(userId, fresh, { ...fresh.connection, ...notice, noticeAt: now, ...noticePost });
}
