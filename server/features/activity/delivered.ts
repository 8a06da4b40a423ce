/**
 * Remembers, on the delivering node, who has received the activity for a post. Two queue entries can concern the same
 * post, and the server's decision may arrive long after our own was delivered. The memory is bounded; posts dropped
 * from it are too old to be delivered again.
 */

const MAX_PAIRS = 200_000;

export class DeliveredPeople {
  readonly #posts = new Map<string, { readonly at: number; readonly people: Set<string> }>();
  #pairs = 0;
  #forgottenUpTo = 0;

  add(post: { readonly postId: string; readonly at: number }, userId: string): void {
    let told = this.#posts.get(post.postId);
    if (!told) {
      told = { at: post.at, people: new Set() };
      this.#posts.set(post.postId, told);
    }
    if (!told.people.has(userId)) this.#pairs += 1;
    told.people.add(userId);
    for (const [postId, oldest] of this.#posts) {
      if (this.#pairs <= MAX_PAIRS || postId === post.postId) break;
      this.#posts.delete(postId);
      this.#pairs -= oldest.people.size;
      this.#forgottenUpTo = Math.max(this.#forgottenUpTo, oldest.at);
    }
  }

  has(post: { readonly postId: string; readonly at: number }, userId: string): boolean {
    const told = this.#posts.get(post.postId);
    return told ? told.people.has(userId) : post.at <= this.#forgottenUpTo;
  }

  clear(): void {
    this.#posts.clear();
    this.#pairs = 0;
    this.#forgottenUpTo = 0;
  }
}
