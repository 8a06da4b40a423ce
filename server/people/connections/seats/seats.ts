/** Counts who has ever been connected, so that no more people connect than the admin allows. */

import type { Cluster, User } from "../../../runtime/mattermost/index.ts";
import type { ConnectionStore } from "../connection-store.ts";
import type { Invited } from "../invitations/invited.ts";
import { type MayNotConnect, mayConnect } from "./who-may-connect.ts";

const KEEP_MS = 2_000;

/** The lock under which seats and invitations are given out. */
export const SEATS_LOCK = "connections.seats";

export interface SeatPorts {
  readonly store: Pick<ConnectionStore, "once" | "countOnce">;
  /** An invitation reserves a seat for the person. */
  readonly invited: Pick<Invited, "keptForOthers">;
  readonly cluster: Pick<Cluster, "lock">;
  readonly rules: () => { readonly limit: number; readonly restricted: boolean };
  readonly isListed: (userId: string) => Promise<boolean>;
  readonly clock: () => number;
}

export interface SeatKeeper {
  /** Returns why the person may not connect now, or null. Takes no seat. */
  look(user: User): Promise<MayNotConnect | null>;
  /** Takes a seat, which the person keeps permanently. */
  take(user: User): Promise<{ readonly refusal: MayNotConnect | null; readonly isNew: boolean }>;
  giveBack(userId: string): Promise<void>;
}

export function createSeats({ clock, cluster, invited, isListed, rules, store }: SeatPorts): SeatKeeper {
  async function decide(
    user: User,
    isExact: boolean,
  ): Promise<{ refusal: MayNotConnect | null; once: boolean }> {
    const once = (await store.once.get(user.Id)) !== null;
    const { limit, restricted } = rules();
    const applicant = {
      isBot: user.IsBot,
      isRemote: Boolean(user.RemoteId),
      isGuest: user.Roles.split(" ").includes("system_guest"),
      isActive: user.DeleteAt === 0,
      connectedOnce: once,
      onList: restricted && !once && (await isListed(user.Id)),
    };
    const taken = once ? 0 : (await countOnce(isExact)) + (await invited.keptForOthers(user.Id));
    return { once, refusal: mayConnect(applicant, { limit, restricted, taken }) };
  }

  /**
   * Every page that somebody opens asks, so the count of thousands is cached for a while. Taking a seat counts again.
   */
  let counted: { readonly at: number; readonly count: Promise<number> } | null = null;
  function countOnce(isExact: boolean): Promise<number> {
    const now = clock();
    if (isExact || !counted || Math.abs(now - counted.at) >= KEEP_MS) {
      const count = store.countOnce();
      counted = { at: now, count };
      count.catch(() => {
        counted = null;
      });
      return count;
    }
    return counted.count;
  }

  return {
    look: async (user) => (await decide(user, false)).refusal,
    async take(user) {
      const first = await decide(user, true);
      if (first.refusal || first.once) return { refusal: first.refusal, isNew: false };
      // Two people may want the last seat at the same moment, on two nodes.
      const lock = await cluster.lock(SEATS_LOCK);
      try {
        const { once, refusal } = await decide(user, true);
        if (!refusal && !once) await store.once.set(user.Id, clock());
        counted = null;
        return { refusal, isNew: !refusal && !once };
      } finally {
        await lock.release();
      }
    },
    async giveBack(userId) {
      await store.once.delete(userId);
      counted = null;
    },
  };
}
