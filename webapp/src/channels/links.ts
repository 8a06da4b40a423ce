/** Remembers which of the channels that the person opened are linked. */

import { type Subject, subject } from "../host/subject.ts";
import type { ChannelsApi, LinkState } from "./api.ts";

export interface Links {
  /** null until the server has answered, and when it does not answer. */
  of(channelId: string): Subject<LinkState | null>;
  /** Asks the server again, unless it was asked a moment ago. */
  look(channelId: string): void;
  /** Called when a link was created, changed or removed. */
  changed(channelId: string): Promise<void>;
  /** Drops everything that is known. */
  forget(): void;
}

const KEEP_MS = 60_000;

export function createLinks(api: Pick<ChannelsApi, "link">, now: () => number): Links {
  const known = new Map<string, { readonly state: Subject<LinkState | null>; askedAt: number }>();
  const entry = (id: string) => {
    const one = known.get(id) ?? { state: subject<LinkState | null>(null), askedAt: 0 };
    known.set(id, one);
    return one;
  };
  const ask = async (id: string) => {
    const one = entry(id);
    one.askedAt = now();
    await api.link(id).then(one.state.set, () => {
      // An unknown state is not shown; the next read asks the server again.
      one.askedAt = 0;
    });
  };
  return {
    of: (id) => entry(id).state,
    look(id) {
      if (now() - entry(id).askedAt >= KEEP_MS) void ask(id);
    },
    changed: ask,
    forget() {
      for (const one of known.values()) one.askedAt = 0;
    },
  };
}
