/** A time limit for work that cannot be aborted, or that must not delay other work. */

/** Resolves with the result of `work`, or with `late` when that takes longer than `limitMs`. The work continues. */
export async function within<T, L>(limitMs: number, work: T | Promise<T>, late: L): Promise<T | L> {
  const { promise, resolve } = Promise.withResolvers<L>();
  const timer = setTimeout(resolve, limitMs, late);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
