/**
 * Bytes by which each call of `work` makes the heap grow: the least of three calls. The heap is the whole process's, and
 * other tests may have left work behind that allocates once; a leak grows every time.
 */
export async function heapGrowth(work: () => Promise<void> | void): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    Bun.gc(true);
    const before = process.memoryUsage().heapUsed;
    await work();
    Bun.gc(true);
    least = Math.min(least, process.memoryUsage().heapUsed - before);
  }
  return least;
}
