/**
 * Handles the server's own push decisions, which the hook NotificationWillBePushed reports: once per person, before
 * the server looks for their devices (channels/app/notification_push.go, sendPushNotificationToAllSessions).
 *
 * The hook may run before or after MessageHasBeenPosted: both run in separate goroutines on the node that received
 * the post, this one after the server has computed whom to notify, up to eight per core at a time.
 *
 * Our rules make most of these decisions too, and then nothing has to be done. Every other decision becomes a record
 * in the outbox. It is written at once but not awaited, because the hook must not delay the server's push.
 */

import type { PushNotification } from "../../../runtime/mattermost/index.ts";
import { type Entry, pushedEntry } from "../delivery/outbox.ts";
import type { Audience, Expectation } from "./audience.ts";
import type { PostFacts } from "./facts.ts";

/** The server is done with a post's pushes long before that. */
const REMEMBER_MS = 10 * 60_000;
const MAX_POSTS = 2_000;
const MAX_PEOPLE = 100_000;

export interface ServerDecisionPorts {
  readonly enabled: () => boolean;
  /** Whether the account may be linked; true while that is not known yet. */
  readonly maybeLinked: (userId: string) => boolean;
  readonly expects: (audience: Audience, userId: string) => Expectation;
  /** Never rejects. */
  readonly write: (entry: Entry, post: PostFacts | null) => Promise<void>;
  readonly now: () => number;
}

interface Known {
  readonly at: number;
  readonly people: Set<string>;
  post: PostFacts | null;
  audience: Audience | null;
  /** The post has a record in the outbox. */
  recorded: boolean;
  /** Nobody gets an activity for it, whatever the server decides. */
  ignored: boolean;
  /** People whose decision came while a record of this post was being written: they share the next one. */
  next: Set<string> | null;
}

const nobody: ReadonlySet<string> = new Set();

export class ServerDecisions {
  readonly #ports: ServerDecisionPorts;
  readonly #posts = new Map<string, Known>();
  #people = 0;

  constructor(ports: ServerDecisionPorts) {
    this.#ports = ports;
  }

  /** Called for a post from this node's hook, with the people it can concern, as far as memory knows. */
  posted(post: PostFacts, audience: Audience | null, recorded: boolean): void {
    const known = this.#known(post.id);
    known.post = post;
    known.audience = audience;
    known.recorded = recorded;
  }

  /** Marks a post as one without activities. */
  ignore(postId: string): void {
    this.#known(postId).ignored = true;
  }

  /** The people for whom the server decided to push, as far as this node knows. */
  of(postId: string): ReadonlySet<string> {
    return this.#posts.get(postId)?.people ?? nobody;
  }

  /** Handler of the hook. Returns at once and never throws. */
  push({ Type, SubType, PostId, ChannelId }: PushNotification, userId: string): void {
    // The hook also runs for cleared notifications and badges, and for pushes of other plugins, such as calls.
    if (!this.#ports.enabled() || Type !== "message" || SubType !== "" || PostId === "") return;
    if (!this.#ports.maybeLinked(userId)) return;
    const known = this.#known(PostId);
    if (known.ignored || known.people.has(userId)) return;
    known.people.add(userId);
    this.#people += 1;
    const expected = known.audience ? this.#ports.expects(known.audience, userId) : "missed";
    if (expected === "unwanted" || (expected === "covered" && known.recorded)) return;
    if (known.next) known.next.add(userId);
    else void this.#write(known, { id: PostId, channelId: ChannelId }, userId);
  }

  async #write(known: Known, post: { id: string; channelId: string }, first: string): Promise<void> {
    let people = new Set([first]);
    while (people.size > 0) {
      known.next = new Set();
      await this.#ports.write(pushedEntry(post, people, this.#ports.now()), known.post);
      people = known.next;
    }
    known.next = null;
  }

  #known(postId: string): Known {
    const now = this.#ports.now();
    let known = this.#posts.get(postId);
    if (!known) {
      const nothing = { post: null, audience: null, recorded: false, ignored: false, next: null };
      known = { at: now, people: new Set(), ...nothing };
      this.#posts.set(postId, known);
    }
    for (const [id, oldest] of this.#posts) {
      const room = this.#posts.size <= MAX_POSTS && this.#people <= MAX_PEOPLE;
      if (id === postId || (room && now - oldest.at <= REMEMBER_MS)) break;
      this.#posts.delete(id);
      this.#people -= oldest.people.size;
    }
    return known;
  }
}
