/** How many entries wait in a queue. */

export interface QueueState {
  /** Whether this node works the queue; the other nodes know neither depth nor age. */
  readonly working: boolean;
  readonly waiting: number;
  /** Milliseconds since 1970 of the oldest waiting entry. */
  readonly oldestAt: number | null;
  readonly parked: number;
}

/** The state of one key's entries, on any node. */
export interface KeyState {
  readonly waiting: number;
  readonly parked: number;
  /** Milliseconds since 1970 of the oldest waiting entry. */
  readonly oldestAt: number | null;
}

/** Adds a stored entry to the state of its key. */
export function countIn(
  states: Map<string, KeyState>,
  { key, at, parked }: { readonly key: string; readonly at: number; readonly parked: boolean },
): void {
  const before = states.get(key) ?? { waiting: 0, parked: 0, oldestAt: null };
  const next = parked
    ? { ...before, parked: before.parked + 1 }
    : { ...before, waiting: before.waiting + 1, oldestAt: Math.min(before.oldestAt ?? at, at) };
  states.set(key, next);
}
