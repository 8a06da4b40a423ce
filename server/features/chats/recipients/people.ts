/** Caches connected people by their Microsoft account, and their Mattermost accounts. */

import { type Language, languageOf } from "../../../platform/i18n/index.ts";
import { steady } from "../../../platform/work/steady.ts";
import type { ChatsPorts } from "../ports.ts";

export interface Account {
  readonly userId: string;
  readonly username: string;
  readonly language: Language;
  /** IANA time zone. */
  readonly zone: string;
  readonly isActive: boolean;
  /** Changes with the picture. */
  readonly pictureAt: number;
}

/** Cluster events can get lost: an outdated list is corrected within this time. */
const REREAD_MS = 30_000;
/** Language, time zone and deactivation have no hook that reaches every node. */
const ACCOUNT_MS = 60_000;
const MAX_ACCOUNTS = 20_000;
const CHANGED = "chats.people";

export class People {
  readonly #ports: Pick<ChatsPorts, "api" | "clock" | "cluster" | "connections">;
  readonly #accounts = new Map<string, { readonly at: number; readonly account: Account }>();
  #byObjectId: ReadonlyMap<string, string> = new Map();
  #objectIds: ReadonlyMap<string, string> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;
  #changes = 0;
  #reading: Promise<void> | null = null;

  constructor(ports: Pick<ChatsPorts, "api" | "clock" | "cluster" | "connections">) {
    this.#ports = ports;
    ports.cluster.on(CHANGED, () => this.#forget());
    ports.connections.onConnect(() => this.changed());
  }

  /** Called when somebody connected or disconnected on this node. */
  changed(): void {
    this.#forget();
    this.#ports.cluster.publish(CHANGED, "").catch(() => {});
  }

  #forget(): void {
    this.#changes += 1;
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * Object ID in lower case → account. People with a lost connection are included, because the contents of a
   * notification can be read without a token.
   */
  async connected(): Promise<ReadonlyMap<string, string>> {
    // A change during the read causes another read.
    while (steady(this.#ports.clock).now() - this.#readAt >= REREAD_MS) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
    return this.#byObjectId;
  }

  /** The number of people, as of the last read. */
  get count(): number {
    return this.#byObjectId.size;
  }

  /** Returns null when the person is not connected. */
  async objectIdOf(userId: string): Promise<string | null> {
    await this.connected();
    return this.#objectIds.get(userId) ?? null;
  }

  async #read(): Promise<void> {
    const { clock, connections } = this.#ports;
    const [at, changes] = [steady(clock).now(), this.#changes];
    const byObjectId = new Map<string, string>();
    const objectIds = new Map<string, string>();
    for await (const [userId, { objectId }] of connections.list()) {
      byObjectId.set(objectId.toLowerCase(), userId);
      objectIds.set(userId, objectId);
    }
    this.#byObjectId = byObjectId;
    this.#objectIds = objectIds;
    if (changes === this.#changes) this.#readAt = at;
  }

  /** Returns the accounts that exist, including deactivated ones. */
  async accounts(userIds: readonly string[]): Promise<ReadonlyMap<string, Account>> {
    const now = steady(this.#ports.clock).now();
    const found = new Map<string, Account>();
    for (const userId of userIds) {
      const known = this.#accounts.get(userId);
      if (known && now - known.at < ACCOUNT_MS) found.set(userId, known.account);
    }
    const wanted = userIds.filter((userId) => !found.has(userId));
    if (wanted.length > 0) {
      const users = await this.#ports.api.getUsersByIds(wanted);
      if (this.#accounts.size + users.length > MAX_ACCOUNTS) this.#accounts.clear();
      for (const user of users) {
        const zones = user.Timezone ?? {};
        const zone = zones.useAutomaticTimezone === "false" ? zones.manualTimezone : zones.automaticTimezone;
        const account: Account = {
          userId: user.Id,
          username: user.Username,
          language: languageOf(user.Locale),
          zone: zone || "UTC",
          isActive: user.DeleteAt === 0,
          pictureAt: user.LastPictureUpdate,
        };
        this.#accounts.set(user.Id, { at: now, account });
        found.set(user.Id, account);
      }
    }
    return found;
  }
}
