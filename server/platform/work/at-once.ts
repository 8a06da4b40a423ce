/** Runs `run` for each item, at most `limit` at the same time, started in order. Rejects with the first failure. */
export async function atOnce<T>(
  items: readonly T[],
  limit: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const work = items.values();
  await Promise.all(
    Array.from({ length: Math.min(limit, items.length) }, async () => {
      for (const item of work) await run(item);
    }),
  );
}
