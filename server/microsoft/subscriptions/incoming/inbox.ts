/**
 * Queues changes between the webhook's answer and the feature that wants them.
 *
 *   webhook ─▶ add: contents of one POST in one record, one queue entry per change ─▶ 202
 *   queue   ─▶ token, if Entra's keys were unreachable ─▶ HMAC, decryption ─▶ seen before? ─▶ feature
 *
 * Decryption with the private key takes longer than all steps before it, so it happens here and not while Graph
 * waits. Until then the content stays encrypted as Graph sent it, including in the store.
 */

import { createHash, randomUUID } from "node:crypto";
import {
  type AddResult,
  type Outcome,
  type Place,
  Queue,
  type QueueEntry,
  type QueuePorts,
  type QueueWork,
} from "../../../platform/work/queue.ts";
import type { ValidationVerdict } from "../../entra/verify-validation-token.ts";
import type { Registration, Registrations } from "../lifecycle/registrations.ts";
import type { Dropped } from "../metrics.ts";
import { type ChangeListener, wishId } from "../wish.ts";
import { openContent } from "./content.ts";
import type { ContentKeys } from "./content-keys.ts";
import type { ChangeEntry } from "./entries.ts";
import { type ContentPlace, InboxBodies } from "./inbox-bodies.ts";
import { orderKey, placeOf, type Resource, readResource, resourcePath } from "./resource.ts";
import { SeenChanges } from "./seen-changes.ts";
import { type Arriving, readArrivals, UnderWay } from "./under-way.ts";

/** A change that has passed the webhook's checks. */
export interface AcceptedChange {
  /** Returns the same id for a POST that Graph repeats, as long as the first one waits. */
  readonly id: string;
  readonly entry: ChangeEntry;
  readonly registration: Registration;
  readonly resource: Resource;
}

interface QueuedChange {
  readonly registration: string;
  readonly subscriptionId: string;
  readonly resource: string;
  readonly changeType: ChangeEntry["changeType"];
  readonly etag: string | null;
  /** The position of the encrypted content; null for a change without one. */
  readonly content: ContentPlace | null;
}

export interface InboxPorts extends QueuePorts {
  readonly registrations: Registrations;
  readonly keys: Pick<ContentKeys, "find">;
  readonly verifyToken: (token: string) => Promise<ValidationVerdict | null>;
  readonly listeners: () => readonly ChangeListener[];
  readonly onDropped: (because: Dropped) => void;
  /** Called when a POST was refused because too many changes wait. Graph repeats it. */
  readonly onFull: () => void;
  readonly onHandled: (wish: string) => void;
}

const EXPIRY_MS = 24 * 3_600_000;
/** A day's changes of a large organisation. Waiting changes are in the database, not only in memory. */
export const MAX_WAITING = 100_000;
const CONCURRENCY = 8;
/** With 8 partitions, a burst of 2,000 writes 100 KB at a time; 32 take a third less processor time. */
const PARTITIONS = 32;
const MAX_TRIES = 8;
const KEYS_RETRY_MS = 10_000;
/** Cluster event: changes have arrived at a node that does not work the queue, and are not stored yet. */
const ARRIVED = "changes.arrived";
const MOST_ANNOUNCED = 200;

export class Inbox {
  readonly #ports: InboxPorts;
  readonly #queue: Queue<QueuedChange>;
  readonly #seen: SeenChanges;
  readonly #bodies: InboxBodies;
  readonly #underWay: UnderWay;

  constructor(ports: InboxPorts) {
    this.#ports = ports;
    this.#seen = new SeenChanges(ports.kv, ports.clock.now);
    this.#bodies = new InboxBodies(ports, EXPIRY_MS / 1000 + 3_600);
    this.#underWay = new UnderWay(ports.clock);
    this.#queue = new Queue<QueuedChange>(
      {
        name: "changes",
        parse: parseQueued,
        handle: (work) => this.#handle(work),
        expiryMs: () => EXPIRY_MS,
        maxEntries: MAX_WAITING,
        concurrency: CONCURRENCY,
        partitions: PARTITIONS,
        maxTries: MAX_TRIES,
        placeOf: placeOfQueued,
        onWaiting: (id) => this.#underWay.stored(id),
        onDropped: (because) => ports.onDropped(because as Dropped),
        onParked: () => ports.onDropped("failed"),
      },
      ports,
    );
  }

  get state() {
    return this.#queue.state;
  }

  async run(signal: AbortSignal): Promise<void> {
    const end = this.#ports.cluster.on(ARRIVED, (data) => {
      // Only the node that works the queue waits for changes that other nodes have.
      if (this.#queue.state.working) for (const one of readArrivals(data)) this.#underWay.arrived(one);
    });
    await Promise.all([this.#queue.run(signal), this.#bodies.run(signal)]);
    end();
  }

  retryParked(): Promise<number> {
    return this.#queue.retryParked();
  }

  /** Call it as soon as changes arrive, so that newer ones wait a moment for them, and then `add` or `withdraw`. */
  expect(changes: readonly AcceptedChange[]): void {
    const { clock, cluster, log } = this.#ports;
    const arrivals = changes.map(({ id, entry, resource }): Arriving => {
      const { rank } = placeOf(resource, entry.changeType === "deleted", clock.now());
      return { id, key: orderKey(resource), rank };
    });
    if (this.#queue.state.working) for (const one of arrivals) this.#underWay.arrived(one);
    else if (arrivals.length > 0)
      cluster
        .publish(ARRIVED, JSON.stringify(arrivals.slice(0, MOST_ANNOUNCED)))
        .catch((error: unknown) => log.warn("The working node could not be notified of changes", { error }));
  }

  withdraw(changes: readonly AcceptedChange[]): void {
    for (const { id } of changes) this.#underWay.ended(id);
  }

  /** Resolves when no older message of the same chat or channel is on its way here, or after half a second. */
  older(resource: Resource): Promise<void> {
    const { rank } = placeOf(resource, false, this.#ports.clock.now());
    return this.#underWay.older(orderKey(resource), rank, "ended");
  }

  /**
   * Resolves when all changes are stored. Rejects when the store fails: Graph then repeats the POST, and changes that
   * were already stored are recognised. `tokens` are still to be verified.
   */
  async add(changes: readonly AcceptedChange[], tokens: readonly string[] | null): Promise<void> {
    const contents = changes.flatMap(({ entry }) => (entry.content ? [entry.content] : []));
    const name = contents.length > 0 ? await this.#bodies.store({ tokens, contents }) : "";
    let index = 0;
    const results = await Promise.all(
      changes.map((change) =>
        this.#addOne(change, change.entry.content ? { body: name, index: index++ } : null),
      ),
    );
    if (!results.includes("full")) return;
    this.#ports.onFull();
    throw new Error("too many changes are waiting");
  }

  async #addOne(
    { id, entry, registration, resource }: AcceptedChange,
    place: ContentPlace | null,
  ): Promise<AddResult> {
    const result = await this.#queue.add({
      id,
      key: orderKey(resource),
      at: this.#ports.clock.now(),
      value: {
        registration: registration.id,
        subscriptionId: entry.subscriptionId,
        resource: entry.resource,
        changeType: entry.changeType,
        etag: entry.etag,
        content: place,
      },
    });
    // Another node, which works the queue, continues with the change.
    if (!this.#queue.state.working) this.#underWay.ended(id);
    if (result === "duplicate") {
      this.#ports.onDropped("duplicate");
      if (place) this.#bodies.settle(place);
    }
    return result;
  }

  async #handle({ entry, signal }: QueueWork<QueuedChange>): Promise<Outcome> {
    const { value } = entry;
    let outcome: Outcome;
    try {
      outcome = await this.#deliver(entry, signal);
    } finally {
      this.#underWay.ended(entry.id);
    }
    if (outcome.kind !== "retry" && value.content) this.#bodies.settle(value.content);
    return outcome;
  }

  async #deliver(work: QueueEntry<QueuedChange>, signal: AbortSignal): Promise<Outcome> {
    const { at: receivedAt, key, value: queued } = work;
    const { registrations, onHandled } = this.#ports;
    const registration = await registrations.find(queued.registration, { fresh: true });
    const resource = readResource(queued.resource);
    const found = registration && this.#listenerOf(registration);
    if (!registration || !resource || !found) return drop("withdrawn");
    if (registration.subscriptionId === null) await this.#learn(registration, queued.subscriptionId);

    const opened = queued.content ? await this.#open(queued.content) : { content: null };
    if ("kind" in opened) return opened;
    const { content } = opened;
    const etag = text(content?.etag) ?? text(content?.["@odata.etag"]) ?? queued.etag;
    // Two updates without an etag look the same, but both must be delivered.
    const repeatable = etag === null && queued.changeType === "updated";
    const identity = JSON.stringify([registration.wish, resourcePath(resource), queued.changeType, etag]);
    if (!repeatable && (await this.#seen.has(identity))) return drop("duplicate");
    await this.#underWay.older(key, placeOfQueued(work).rank, "stored");
    if (this.#queue.isOvertaken(key)) return OLDER_FIRST;
    const change = { resource, changeType: queued.changeType, etag, content, receivedAt };
    const outcome = await found.listener.changed({ key: found.key, ...change }, signal);
    if (outcome.kind !== "retry" && !repeatable) await this.#seen.add(identity);
    if (outcome.kind === "done") onHandled(registration.wish);
    return outcome;
  }

  /** Returns the content, or the reason why there is none to deliver. */
  async #open(
    place: NonNullable<QueuedChange["content"]>,
  ): Promise<{ content: Change["content"] } | Outcome> {
    const body = await this.#bodies.read(place.body);
    const encrypted = body?.contents[place.index];
    // The record has expired or is damaged. The change itself is still valid, and the feature can read the resource.
    if (!body || !encrypted) return { content: null };
    if (body.tokens) {
      const verdicts = await Promise.all(body.tokens.map(this.#ports.verifyToken));
      if (verdicts.some((verdict) => verdict && !verdict.ok && verdict.reason !== "keys_unavailable"))
        return drop("unproven");
      if (!verdicts.every((verdict) => verdict?.ok))
        return { kind: "retry", because: "keys_unavailable", afterMs: KEYS_RETRY_MS, counts: false };
    }
    const key = await this.#ports.keys.find(encrypted.encryptionCertificateId);
    if (!key.found) return { content: null };
    const opened = await openContent(encrypted, key.key);
    if (opened.ok) return { content: opened.json };
    return drop(opened.problem === "forged" ? "forged_content" : "malformed");
  }

  /** Stores the subscription id from a notification, because the answer of the call that created it was lost. */
  async #learn(registration: Registration, subscriptionId: string): Promise<void> {
    const { registrations, clock } = this.#ports;
    const renewAt = clock.now();
    await registrations.update(registration.id, (current) =>
      // The answer gets a minute: it contains the expiry, which a notification does not.
      current.subscriptionId !== null || renewAt - current.madeAt < 60_000
        ? current
        : { ...current, subscriptionId, renewAt },
    );
  }

  #listenerOf({ wish }: Registration): { readonly listener: ChangeListener; readonly key: string } | null {
    for (const listener of this.#ports.listeners()) {
      const prefix = wishId(listener, "");
      if (wish.startsWith(prefix))
        return listener.enabled() ? { listener, key: wish.slice(prefix.length) } : null;
    }
    return null;
  }
}

type Change = { readonly content: Readonly<Record<string, unknown>> | null };

const drop = (because: Dropped): Outcome => ({ kind: "drop", because });
const OLDER_FIRST: Outcome = { kind: "retry", because: "older_first", afterMs: 0, counts: false };
const text = (value: unknown) => (typeof value === "string" && value !== "" ? value.slice(0, 256) : null);

export function deliveryId(entry: ChangeEntry, registration: Registration): string {
  const same = entry.content?.dataSignature ?? entry.notificationId ?? entry.etag ?? randomUUID();
  return createHash("sha256")
    .update(JSON.stringify([registration.id, entry.changeType, entry.resource, same]))
    .digest("base64url")
    .slice(0, 22);
}

function placeOfQueued({ at, value }: Pick<QueueEntry<QueuedChange>, "at" | "value">): Place {
  const resource = readResource(value.resource);
  return resource ? placeOf(resource, value.changeType === "deleted", at) : { of: "", rank: 0 };
}

function parseQueued(value: unknown): QueuedChange {
  const it = value as Partial<Record<keyof QueuedChange, unknown>> | null;
  const texts = [it?.registration, it?.subscriptionId, it?.resource, it?.changeType];
  if (!texts.every((one) => typeof one === "string")) throw new Error("not a queued change");
  return value as QueuedChange;
}
