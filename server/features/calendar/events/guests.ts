/**
 * Maps addresses in an invitation to members of Mattermost. Only connected accounts are used, because both sides are
 * verified.
 */

import type { Person } from "../rules/event.ts";
import type { EventServices } from "./events-ports.ts";
import type { Guest } from "./invitation-card.ts";

/** After this time, a person who connects appears by name on cards. */
const REMEMBER_MS = 60_000;
const MOST_NAMES = 10;

export class Guests {
  readonly #services: Pick<EventServices, "api" | "clock" | "connections">;
  #byAddress: Promise<ReadonlyMap<string, string>> | null = null;
  #readAt = 0;

  constructor(services: Pick<EventServices, "api" | "clock" | "connections">) {
    this.#services = services;
  }

  /** Returns the first ten people, connected members by their name in Mattermost. */
  async named(people: readonly Person[]): Promise<Guest[]> {
    const shown = people.slice(0, MOST_NAMES);
    const ids = await this.#connected();
    const found = shown.flatMap(({ address }) => ids.get(address.toLowerCase()) ?? []);
    const users = found.length === 0 ? [] : await this.#services.api.getUsersByIds([...new Set(found)]);
    const names = new Map(
      users.filter(({ DeleteAt }) => DeleteAt === 0).map((one) => [one.Id, one.Username]),
    );
    return shown.map(({ address, name }) => ({
      username: names.get(ids.get(address.toLowerCase()) ?? "") ?? null,
      name: name || address,
    }));
  }

  /** Returns the member's own Microsoft address; null when it is not verified. */
  async addressOf(userId: string): Promise<string | null> {
    for (const [address, id] of await this.#connected()) if (id === userId) return address;
    return null;
  }

  async #connected(): Promise<ReadonlyMap<string, string>> {
    const now = this.#services.clock();
    if (this.#byAddress && now - this.#readAt < REMEMBER_MS) return this.#byAddress;
    this.#readAt = now;
    this.#byAddress = this.#read().catch((error) => {
      this.#byAddress = null;
      throw error;
    });
    return this.#byAddress;
  }

  async #read(): Promise<ReadonlyMap<string, string>> {
    const byAddress = new Map<string, string>();
    for await (const [userId, { account, lost }] of this.#services.connections.list())
      if (!lost) byAddress.set(account.toLowerCase(), userId);
    return byAddress;
  }
}
