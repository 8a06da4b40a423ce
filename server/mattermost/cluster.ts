export interface JobOptions {
  /** From the end of one run to the start of the next. */
  everyMs: number;
  /** How long a node that died keeps the others from taking over. Renewed while the job runs. */
  leaseMs: number;
}

export interface Job {
  /** Aborts a running job, gives the lease back, and waits for both. */
  stop(): Promise<void>;
}

export interface Lease {
  /** Aborted when the lease was lost: another node may have it. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

export interface LockOptions {
  /** A holder that died keeps the lock for this long. Default 15 s. */
  leaseMs?: number;
  /** Gives up waiting. */
  signal?: AbortSignal;
}

export interface PublishOptions {
  /** "reliable" (default) or "best_effort" (may be lost, cheaper). */
  sendType?: "reliable" | "best_effort";
  /** One node only; default all others. */
  targetId?: string;
}

/** The nodes of a Mattermost cluster, each of which runs this plugin. */
export interface Cluster {
  /** Runs `job` again and again, on one node at a time. */
  runOnOneNode(name: string, options: JobOptions, job: (signal: AbortSignal) => Promise<void>): Job;
  /** Waits until no other node holds `name`, then holds it. */
  lock(name: string, options?: LockOptions): Promise<Lease>;
  /** Sends an event to the other nodes, never to this one. */
  publish(id: string, data: Uint8Array | string, options?: PublishOptions): Promise<void>;
  /** Calls `handler` for events of other nodes. Answers a function that ends it. */
  on(id: string, handler: (data: Uint8Array) => void | Promise<void>): () => void;
}
