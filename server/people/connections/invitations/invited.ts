/**
 * The people who were invited and have not connected yet. A seat is reserved for each of them for 30 days; the entry
 * stays longer, so that nobody is invited twice.
 *
 *   connections.invited  ─▶  { user: {at, post?}, … }
 *
 * The entry is written before the message: one without a post means that the message may not have been sent.
 */

import { z } from "zod";
import { SharedRecord } from "../../../platform/store/shared-record.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";

const invitation = lazy(() => z.object({ at: z.number(), post: z.string().optional() }));
export type Invitation = z.output<ReturnType<typeof invitation>>;
type State = Readonly<Record<string, Invitation>>;
const state = lazy(() => z.record(z.string(), invitation()));

export interface Invited {
  /** Counts the open invitations. */
  count(): Promise<number>;
  /** Counts the seats that are reserved for others than this person. */
  keptForOthers(userId: string): Promise<number>;
  get(userId: string): Promise<Invitation | null>;
  list(): Promise<readonly string[]>;
  /** Returns false when `most` invitations are open, or when the person has one. */
  reserve(userId: string, at: number, most: number): Promise<boolean>;
  sent(userId: string, post: string): Promise<void>;
  /** Removes and returns the invitation. */
  remove(userId: string): Promise<Invitation | null>;
}

const OPEN_MS = 30 * 86_400_000;

export function createInvited(
  kv: Pick<KeyValueStore, "get" | "compareAndSet">,
  clock: () => number,
  onDamaged: (key: string) => void,
): Invited {
  const record = new SharedRecord<State>(kv, "connections.invited", {
    empty: {},
    parse: (value) => state().parse(value),
    isEmpty: (all) => Object.keys(all).length === 0,
    damaged(key) {
      onDamaged(key);
      return {};
    },
  });
  const open = (all: State) =>
    Object.keys(all).filter((userId) => clock() - (all[userId]?.at ?? 0) < OPEN_MS);
  return {
    count: async () => open(await record.read()).length,
    keptForOthers: async (userId) => open(await record.read()).filter((id) => id !== userId).length,
    get: async (userId) => (await record.read())[userId] ?? null,
    list: async () => Object.keys(await record.read()),
    reserve: (userId, at, most) =>
      record.change((all) => {
        const isFull = open(all).length >= most;
        if (isFull || Object.hasOwn(all, userId)) return { next: all, result: false };
        return { next: { ...all, [userId]: { at } }, result: true };
      }),
    sent: (userId, post) =>
      record.change((all) => {
        const before = all[userId];
        return { next: before ? { ...all, [userId]: { ...before, post } } : all, result: undefined };
      }),
    remove: (userId) =>
      record.change((all) => {
        const { [userId]: before, ...others } = all;
        return { next: before ? others : all, result: before ?? null };
      }),
  };
}
