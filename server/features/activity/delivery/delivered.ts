/**
 * Remembers, on the delivering node, who has received the activity for a post. Two queue entries can concern the same
 * post, and the server's decision may arrive long after our own was delivered. Bounded by number and by age; a post that
 * was dropped is not delivered again.
 */

const MAX_PAIRS = 200_000;

export class DeliveredPeople {
  readonly #posts = new Map<string, { readonly at: number; readonly people: Set<string> }>();
  #pairs = 0;
  #forgottenUpTo = 0;

  /** Number of remembered posts. */
  get size(): number {
    return this.#posts.size;
  }

  add(post: { readonly postId: string; readonly at: number }, userId: string): void {
    let known = this.#posts.get(post.postId);
    if (!known) {
      known = { at: post.at, people: new Set() };
      this.#posts.set(post.postId, known);
    }
    if (!known.people.has(userId)) this.#pairs += 1;
    known.people.add(userId);
    this.#forget(() => this.#pairs > MAX_PAIRS);
  }

  /** Drops posts from before `at` (milliseconds since 1970): their entries have expired, so nobody asks for them. */
  forgetBefore(at: number): void {
    this.#forget((oldest) => oldest < at);
  }

  has(post: { readonly postId: string; readonly at: number }, userId: string): boolean {
    const known = this.#posts.get(post.postId);
    return known ? known.people.has(userId) : post.at <= this.#forgottenUpTo;
  }

  /** Drops the oldest posts first: they arrive nearly in the order of their creation. */
  #forget(isDue: (at: number) => boolean): void {
    for (const [postId, { at, people }] of this.#posts) {
      if (this.#posts.size === 1 || !isDue(at)) return;
      this.#posts.delete(postId);
      this.#pairs -= people.size;
      this.#forgottenUpTo = Math.max(this.#forgottenUpTo, at);
    }
  }

  clear(): void {
    this.#posts.clear();
    this.#pairs = 0;
    this.#forgottenUpTo = 0;
  }
}
