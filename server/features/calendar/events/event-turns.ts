/**
 * Serialises the work on one event across all nodes: reading its memory, posting or updating its cards, writing the
 * memory. The change queue orders the changes of a mailbox, but gap filling and presses on cards run at any time and
 * on any node.
 */

import { Once, type OncePorts, type Turn } from "../../../platform/work/once.ts";

export interface TurnOf {
  readonly userId: string;
  /** As on the card. */
  readonly eventId: string;
}

export class EventTurns {
  readonly #once: Once;

  constructor(ports: Omit<OncePorts, "prefix">) {
    this.#once = new Once({ ...ports, prefix: "calendar/answer_" });
  }

  /** Does the work once when the same button is pressed twice by accident with the same input. */
  pressed<T>(of: TurnOf, words: string, work: (turn: Turn) => Promise<T>): Promise<T> {
    return this.#once.run(keyOf(of), words, work);
  }

  /** Handles a change of the event. Rejects when the signal is aborted, or another node takes too long. */
  changed<T>(of: TurnOf, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#once.inTurn(keyOf(of), work, signal);
  }
}

const keyOf = ({ eventId, userId }: TurnOf) => `${userId} ${eventId}`;
