/**
 * Caches the linked members: their Entra ids and the words that mention them. Nobody else gets activities, so nothing
 * about others is read: the cost follows the number of linked members.
 *
 * The cache is built in pages in the background, and used only when it is complete (`ready`): a post that arrives
 * before that waits in the queue. Mattermost has no hook for a changed profile, so pages are read again in turn while
 * there is traffic: a new keyword takes effect after `REFRESH_AFTER_MS` plus a few ticks.
 */

import type { LinkedAccount, LinkSource, Log, NotificationsApi } from "../ports.ts";
import type { Person } from "../rules/facts.ts";
import {
  authorOf,
  canReceiveActivities,
  choicesOf,
  personOf,
  type StoredChoices,
} from "../rules/from-mattermost.ts";
import type { Keywords } from "../rules/mentions.ts";
import { PersonWords } from "../rules/person-words.ts";
import type { Author } from "../wording/wording.ts";
import { nothingChosen } from "./own-settings.ts";

/** Users in one response: about 1.5 KB each on the wire. */
const PAGE = 500;
/** A profile older than this is read again when its turn comes. */
export const REFRESH_AFTER_MS = 60_000;
const PARALLEL_PREFERENCES = 8;

interface Entry {
  readonly objectId: string;
  /** The number of the read that this is from. */
  readonly read: number;
  person: Person;
  author: Author;
  readAt: number;
  choices: StoredChoices | null;
}

export interface MembersPorts {
  /** Read before the first decision, like the members themselves. */
  readonly alsoRead?: () => Promise<void>;
  readonly api: Pick<NotificationsApi, "getUsersByIds" | "getPreferencesForUser">;
  readonly links: LinkSource;
  /** Links of another tenant than the configured one are ignored. */
  readonly tenantId: () => string | null;
  readonly log: Log;
  readonly now: () => number;
}

export class Members {
  readonly #ports: MembersPorts;
  readonly #entries = new Map<string, Entry>();
  readonly #words = new PersonWords();
  /** Members who want every message, except in channels with another setting. */
  readonly #allActivity = new Set<string>();
  readonly #chosen = new Set<string>();
  readonly #loadingChoices = new Map<string, Promise<void>>();
  #complete: Promise<void> | null = null;
  #isComplete = false;
  /** Numbers reads and changes in the order in which they begin: answers may arrive in another order. */
  #last = 0;
  /** The last change of each link; `#rebuilt`: of the tenant. */
  readonly #changed = new Map<string, number>();
  #rebuilt = 0;
  /** Accounts whose link could not be read after it had changed. */
  readonly #unread = new Set<string>();

  constructor(ports: MembersPorts) {
    this.#ports = ports;
  }

  get complete(): boolean {
    return this.#isComplete;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(userId: string): boolean {
    return this.#entries.has(userId);
  }

  person(userId: string): Person | null {
    return this.#entries.get(userId)?.person ?? null;
  }

  objectId(userId: string): string | null {
    return this.#entries.get(userId)?.objectId ?? null;
  }

  author(userId: string): Author | null {
    return this.#entries.get(userId)?.author ?? null;
  }

  /** Returns the display name of a linked member; others keep their @username. */
  byUsername(username: string): Author | null {
    return this.author(this.#words.byUsername(username) ?? "");
  }

  /** Returns known preferences, or null when they have not been read yet. */
  choices(userId: string): StoredChoices | null {
    return this.#entries.get(userId)?.choices ?? null;
  }

  get allActivity(): ReadonlySet<string> {
    return this.#allActivity;
  }

  ids(): Iterable<string> {
    return this.#entries.keys();
  }

  /** Returns the words that mention people of one channel. */
  keywordsAmong(isMember: (userId: string) => boolean): Pick<Keywords, "people" | "wide"> {
    return this.#words.among(isMember);
  }

  /** Resolves when every link has been read once. Starts the read; the next call retries a failed one. */
  ready(): Promise<void> {
    if (this.#complete) return this.#complete;
    const mine = this.#build().catch((error: unknown) => {
      if (this.#complete === mine) this.#complete = null;
      throw error;
    });
    this.#complete = mine;
    return mine;
  }

  async #build(): Promise<void> {
    const read = ++this.#last;
    await this.#ports.alsoRead?.();
    let page: LinkedAccount[] = [];
    for await (const link of this.#ports.links.all()) {
      page.push(link);
      if (page.length < PAGE) continue;
      await this.#read(page, read);
      page = [];
    }
    await this.#read(page, read);
    if (read < this.#rebuilt) return this.ready();
    this.#isComplete = true;
  }

  /** Called when a link was created or removed. When it cannot be read, nothing is sent until `refresh` has read it. */
  async linkChanged(userId: string): Promise<void> {
    const mine = ++this.#last;
    this.#changed.set(userId, mine);
    this.#unread.add(userId);
    try {
      const link = (await this.#ports.links.byMattermostUser([userId])).get(userId);
      if (this.#changed.get(userId) !== mine) return;
      if (link) await this.#read([link]);
      else this.#remove(userId);
      if (this.#changed.get(userId) === mine) this.#unread.delete(userId);
    } catch (error) {
      if (this.#changed.get(userId) === mine) this.#remove(userId);
      throw error;
    }
  }

  /** Reads everything again, because the tenant has changed. */
  async rebuild(): Promise<void> {
    for (const userId of [...this.#entries.keys()]) this.#remove(userId);
    this.#rebuilt = ++this.#last;
    this.#isComplete = false;
    this.#complete = null;
    await this.ready();
  }

  /** Reads the oldest page again, and links that could not be read. */
  async refresh(): Promise<void> {
    for (const userId of [...this.#unread]) await this.linkChanged(userId);
    const before = this.#ports.now() - REFRESH_AFTER_MS;
    const stale: [number, LinkedAccount][] = [];
    for (const [userId, entry] of this.#entries) {
      if (entry.readAt < before) stale.push([entry.readAt, this.#link(userId, entry)]);
    }
    stale.sort(([a], [b]) => a - b);
    await this.#read(stale.slice(0, 2 * PAGE).map(([, link]) => link));
  }

  /** Reads these people again, in one call. */
  async reread(userIds: readonly string[]): Promise<void> {
    const entries = userIds.map((userId) => [userId, this.#entries.get(userId)] as const);
    await this.#read(entries.flatMap(([userId, entry]) => (entry ? [this.#link(userId, entry)] : [])));
  }

  /** Reads them again. Returns those who no longer exist, or who switched push off since the last read. */
  async unwanted(userIds: readonly string[]): Promise<Set<string>> {
    const hasPush = (userId: string) => (this.person(userId)?.notify.push ?? "none") !== "none";
    const before = new Set(userIds.filter(hasPush));
    await this.reread(userIds);
    return new Set(userIds.filter((id) => !this.has(id) || (before.has(id) && !hasPush(id))));
  }

  #link(userId: string, entry: Entry): LinkedAccount {
    return { userId, tenantId: this.#ports.tenantId() ?? "", objectId: entry.objectId };
  }

  async #read(links: readonly LinkedAccount[], read = ++this.#last): Promise<void> {
    const tenantId = this.#ports.tenantId();
    const ours = links.filter((link) => link.tenantId === tenantId);
    if (ours.length === 0) return;
    const users = await this.#ports.api.getUsersByIds(ours.map((link) => link.userId));
    const objectIds = new Map(ours.map((link) => [link.userId, link.objectId]));
    for (const user of users) {
      const objectId = objectIds.get(user.Id);
      if (objectId === undefined) continue;
      objectIds.delete(user.Id);
      if (this.#isOutdated(user.Id, read)) continue;
      const choices = this.#entries.get(user.Id)?.choices ?? null;
      this.#remove(user.Id);
      if (!canReceiveActivities(user)) continue;
      const person = personOf(user);
      this.#entries.set(user.Id, {
        objectId,
        read,
        person,
        author: authorOf(user),
        readAt: this.#ports.now(),
        choices,
      });
      this.#index(person);
    }
    for (const gone of objectIds.keys()) if (!this.#isOutdated(gone, read)) this.#remove(gone);
  }

  /** Whether the link changed, or the person was read, after this read had begun. */
  #isOutdated(userId: string, read: number): boolean {
    const newest = [this.#changed.get(userId), this.#entries.get(userId)?.read, this.#rebuilt];
    return newest.some((number = 0) => read < number);
  }

  #index(person: Person): void {
    if (person.notify.push === "all") this.#allActivity.add(person.id);
    this.#words.add(person);
  }

  #remove(userId: string): void {
    const person = this.#entries.get(userId)?.person;
    if (!person) return;
    this.#entries.delete(userId);
    this.#allActivity.delete(userId);
    this.#words.remove(person);
  }

  forgetChoices(userId: string): void {
    const entry = this.#entries.get(userId);
    if (entry) entry.choices = null;
    this.#loadingChoices.delete(userId);
  }

  /** Returns those who were found to have chosen something, since the last call. */
  takeChosen(): string[] {
    const chosen = [...this.#chosen];
    this.#chosen.clear();
    return chosen;
  }

  /** Returns some of those whose preferences were never read; empty when all are known. */
  withoutChoices(limit: number): string[] {
    const found: string[] = [];
    for (const [userId, entry] of this.#entries) {
      if (entry.choices === null && found.push(userId) === limit) break;
    }
    return found;
  }

  /** Reads the unknown preferences of these people. There is no bulk call, so this takes one call each. */
  async loadChoices(userIds: readonly string[]): Promise<void> {
    const unknown = userIds.filter((id) => this.#entries.get(id)?.choices === null);
    let next = 0;
    const worker = async () => {
      for (let id = unknown[next++]; id !== undefined; id = unknown[next++]) await this.#loadOne(id);
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL_PREFERENCES, unknown.length) }, worker));
  }

  #loadOne(userId: string): Promise<void> {
    const loading = this.#loadingChoices.get(userId);
    if (loading) return loading;
    const mine = this.#ports.api
      .getPreferencesForUser(userId)
      .then((preferences) => {
        // They changed during the read, so the result may be outdated.
        if (this.#loadingChoices.get(userId) !== mine) return;
        const entry = this.#entries.get(userId);
        if (!entry) return;
        entry.choices = choicesOf(preferences);
        if (entry.choices.own !== nothingChosen) this.#chosen.add(userId);
      })
      .finally(() => {
        if (this.#loadingChoices.get(userId) === mine) this.#loadingChoices.delete(userId);
      });
    this.#loadingChoices.set(userId, mine);
    return mine;
  }
}
