import type { KeyValueStore } from "./kv.ts";

/** A lease on a name, shared by the nodes of a cluster through the key-value store. */
export interface Lease {
  /** Aborted when the lease was lost: another node may hold it. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/**
 * Takes the lease if nobody holds it; null otherwise.
 *
 * The key expires with the lease, by the server's clock, when the holder stops renewing it. So no node's clock
 * matters, and a node that died blocks the others for `leaseMs` at most.
 */
export async function takeLease(kv: KeyValueStore, name: string, leaseMs: number): Promise<Lease | null> {
  const key = `lease_${name}`;
  const options = { expireInSeconds: leaseMs / 1000 };
  const owner = crypto.randomUUID();
  let renewals = 0;
  let mine = mark(owner, renewals);
  const takenAt = performance.now();
  if (!(await kv.compareAndSet(key, null, mine, options))) return null;

  const lost = new AbortController();
  const timer = setInterval(() => void renew(), leaseMs / 3);
  let end: ReturnType<typeof setTimeout> | undefined;
  let renewing: Promise<void> = Promise.resolve();
  holdFrom(takenAt);

  /**
   * The server counts from when the write reached it, which is after `at`: so this node stops before another can start,
   * also when a renewal is never answered.
   */
  function holdFrom(at: number): void {
    clearTimeout(end);
    if (lost.signal.aborted) return;
    const left = Math.max(0, at + leaseMs - performance.now());
    end = setTimeout(() => lose("it could not be renewed in time"), left);
  }

  function renew(): Promise<void> {
    renewing = renewing.then(async () => {
      if (lost.signal.aborted) return;
      const next = mark(owner, ++renewals);
      const asked = performance.now();
      try {
        if (!(await kv.compareAndSet(key, mine, next, options))) return lose("another node took over");
      } catch {
        // The write may have succeeded and only the answer been lost: read what is stored.
        const stored = await kv.get(key).catch(() => null);
        if (!stored || !Buffer.from(stored).equals(next)) return;
      }
      mine = next;
      holdFrom(asked);
    });
    return renewing;
  }

  function lose(why: string): void {
    clearInterval(timer);
    clearTimeout(end);
    lost.abort(new Error(`the lease ${name} was lost: ${why}`));
  }

  return {
    signal: lost.signal,
    async release() {
      clearInterval(timer);
      await renewing;
      clearTimeout(end);
      if (!lost.signal.aborted) await kv.compareAndSet(key, mine, null);
    },
  };
}

function mark(owner: string, renewals: number): Uint8Array {
  return new TextEncoder().encode(`${owner} ${renewals}`);
}
