/** Events for the other nodes of the cluster. A lost event does no harm: the value is read again later. */

import type { Log, NotificationsCluster } from "./ports.ts";

export interface Membership {
  readonly ChannelId: string;
  readonly UserId: string;
  /** `null`: the person has left. */
  readonly notify: Readonly<Record<string, string>> | null;
}

export interface News {
  /** The key of a new entry in the queue. */
  readonly added: string;
  /** The id of an account whose preferences changed. */
  readonly preferences: string;
  /** The id of an account whose member has just changed this plugin's settings. */
  readonly choosing: string;
  /** The id of an account that was linked, unlinked or deactivated. */
  readonly account: string;
  readonly membership: Membership;
}

const events: { readonly [K in keyof News]: string } = {
  added: "notifications.added",
  preferences: "notifications.preferences",
  choosing: "notifications.choosing",
  account: "notifications.account",
  membership: "notifications.membership",
};

export type Listeners = { readonly [K in keyof News]: (news: News[K]) => void | Promise<void> };

export function createOtherNodes(cluster: NotificationsCluster, log: Log) {
  return {
    publish<K extends keyof News>(kind: K, news: News[K]): void {
      const data = typeof news === "string" ? news : JSON.stringify(news);
      cluster.publish(events[kind], data).catch((error: unknown) => {
        log.warn("The other nodes could not be notified", { event: events[kind], error: String(error) });
      });
    },
    /** Registers the listeners. Returns a function that unsubscribes. */
    listen({ added, preferences, choosing, account, membership }: Listeners): () => void {
      const text = (data: Uint8Array) => new TextDecoder().decode(data);
      const ends = [
        cluster.on(events.added, (data) => added(text(data))),
        cluster.on(events.preferences, (data) => preferences(text(data))),
        cluster.on(events.choosing, (data) => choosing(text(data))),
        cluster.on(events.account, (data) => account(text(data))),
        cluster.on(events.membership, (data) => membership(JSON.parse(text(data)) as Membership)),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
