/**
 * Puts posts into the queue: a post that may concern a linked member, or a push that the server decided on and our
 * rules missed.
 */

import type { Post } from "../../runtime/mattermost/index.ts";
import type { Dispatch } from "./delivery/dispatch.ts";
import { type Entry, newEntry, type Outbox } from "./delivery/outbox.ts";
import type { Unstored } from "./delivery/unstored.ts";
import type { Members } from "./members/members.ts";
import type { ActivityMetrics } from "./metrics.ts";
import type { createOtherNodes } from "./other-nodes.ts";
import type { Log } from "./ports.ts";
import type { Audience, Audiences } from "./rules/audience.ts";
import type { PostFacts } from "./rules/facts.ts";
import { postOf } from "./rules/from-mattermost.ts";
import type { ServerDecisions } from "./rules/server-decisions.ts";
import type { Threads } from "./rules/threads.ts";

export interface IncomingPorts {
  readonly audiences: Pick<Audiences, "guess" | "concernsAnybody">;
  readonly dispatch: Pick<Dispatch, "add" | "leading">;
  readonly enabled: () => boolean;
  readonly metrics: Pick<ActivityMetrics, "notDurable">;
  readonly decisions: Pick<ServerDecisions, "ignore" | "posted">;
  readonly log: Pick<Log, "warn">;
  readonly members: Pick<Members, "complete" | "size">;
  readonly nodes: Pick<ReturnType<typeof createOtherNodes>, "publish">;
  readonly outbox: Pick<Outbox, "add">;
  readonly threads: Pick<Threads, "replied">;
  readonly unstored: Unstored;
}

/** The parts of an entry that this node already has and need not read again. */
export interface KnownParts {
  readonly post: PostFacts | null;
  readonly audience: Audience | null;
}

export interface Incoming {
  /** Resolves when the post is safely queued, or at once when it concerns nobody. */
  posted(post: Post): Promise<void>;
  write(entry: Entry, known: KnownParts): Promise<void>;
  /** Whether there were posts since the last call. */
  readonly takeTraffic: () => boolean;
}

export function createIncoming(ports: IncomingPorts): Incoming {
  const { audiences, dispatch, enabled, metrics, decisions, log, members, nodes, outbox, threads, unstored } =
    ports;
  let traffic = false;

  async function write(entry: Entry, { post, audience }: KnownParts): Promise<void> {
    try {
      await outbox.add(entry);
    } catch (error) {
      // The activity is still sent, unless this node dies first.
      metrics.notDurable();
      log.warn("A notification could not be written to the outbox", { error: String(error) });
      if (!dispatch.leading) return unstored.keep(entry);
    }
    dispatch.add(entry, post, audience);
    if (!dispatch.leading) nodes.publish("added", entry.key);
  }

  return {
    write,
    async posted(post) {
      if (!enabled() || (members.complete && members.size === 0)) return;
      const facts = postOf(post);
      if (facts.type.startsWith("system_") || facts.edited) return;
      // Nobody gets an activity for it, so nothing is read or written, however many arrive at once.
      if (facts.fromMicrosoft) return decisions.ignore(facts.id);
      traffic = true;
      const audience = audiences.guess(facts);
      const concerns = !audience || audiences.concernsAnybody(audience);
      decisions.posted(facts, audience, concerns);
      if (facts.rootId !== "") threads.replied(facts);
      if (concerns) await write(newEntry(facts), { post: facts, audience });
    },
    takeTraffic() {
      const had = traffic;
      traffic = false;
      return had;
    },
  };
}
