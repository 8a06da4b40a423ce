import { type Job, type JobOptions, runJob } from "./job.ts";
import type { KeyValueStore } from "./kv.ts";
import { type Lease, takeLease } from "./lease.ts";
import type { Logger } from "./log.ts";
import { pause } from "./pause.ts";
import type { Api } from "./wire/api.gen.ts";
import type { PluginClusterEvent } from "./wire/model.gen.ts";

export interface LockOptions {
  /** When the holder dies, the lock stays taken for this long. Default 15 s. */
  leaseMs?: number;
  /** Stops waiting when aborted. */
  signal?: AbortSignal;
}

export interface PublishOptions {
  /** "reliable" (default) or "best_effort" (may be lost, cheaper). */
  sendType?: "reliable" | "best_effort";
  /** Sends to one node only; the default is all other nodes. */
  targetId?: string;
}

/** Coordination between the nodes of a Mattermost cluster, each of which runs this plugin. */
export interface Cluster {
  /** Runs `job` repeatedly, on one node at a time, from activation on. Uses the keys lease_<name> and job_<name>. */
  runOnOneNode(name: string, options: JobOptions, job: (signal: AbortSignal) => Promise<void>): Job;
  /** Waits until no other node, and nobody on this one, holds `name`, then takes it. Uses the key lease_<name>. */
  lock(name: string, options?: LockOptions): Promise<Lease>;
  /** Sends an event to the other nodes, never to this one. */
  publish(id: string, data: Uint8Array | string, options?: PublishOptions): Promise<void>;
  /** Calls `handler` for events of other nodes. Returns a function that unsubscribes. */
  on(id: string, handler: (data: Uint8Array) => void | Promise<void>): () => void;
}

/** The runtime's own side of the cluster, which the plugin does not see. */
export interface ClusterControl extends Cluster {
  receive(event: PluginClusterEvent): void;
  /** Stops all jobs and releases their leases. */
  stopJobs(): Promise<void>;
}

type ClusterApi = Pick<Api, "publishPluginClusterEvent">;

const DEFAULT_LEASE_MS = 15_000;

/** Interval at which a waiting node asks for the lock: a released lock is found soon, at one cheap call each time. */
const LOCK_POLL_MS = { first: 50, last: 2_000 };

export function makeCluster(
  api: ClusterApi,
  kv: KeyValueStore,
  log: Logger,
  ready: Promise<void> = Promise.resolve(),
): ClusterControl {
  const handlers = new Map<string, Set<(data: Uint8Array) => void | Promise<void>>>();
  const jobs = new Set<Job>();
  return {
    runOnOneNode(name, options, job) {
      const running = runJob({ kv, log: log.child({ job: name }), ready }, name, options, job);
      const handle: Job = {
        async stop() {
          jobs.delete(handle);
          await running.stop();
        },
      };
      jobs.add(handle);
      return handle;
    },

    async lock(name, { leaseMs = DEFAULT_LEASE_MS, signal } = {}) {
      for (let wait = LOCK_POLL_MS.first; ; wait = Math.min(wait * 2, LOCK_POLL_MS.last)) {
        signal?.throwIfAborted();
        const lease = await takeLease(kv, name, leaseMs);
        if (lease) return lease;
        await pause(wait * (0.5 + Math.random()), signal);
      }
    },

    async publish(id, data, options = {}) {
      await api.publishPluginClusterEvent(
        { Id: id, Data: typeof data === "string" ? new TextEncoder().encode(data) : data },
        { SendType: options.sendType ?? "reliable", TargetId: options.targetId ?? "" },
      );
    },

    on(id, handler) {
      const known = handlers.get(id) ?? new Set();
      handlers.set(id, known.add(handler));
      return () => known.delete(handler);
    },

    receive({ Id, Data }) {
      for (const handler of handlers.get(Id) ?? []) {
        Promise.resolve()
          .then(() => handler(Data))
          .catch((error) => log.error("the handler of a cluster event failed", { event: Id, error }));
      }
    },

    async stopJobs() {
      await Promise.all([...jobs].map((job) => job.stop()));
    },
  };
}
