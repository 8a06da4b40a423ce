/**
 * Whose rights read a mailbox: the app's own where the admin granted them, else the person's token.
 *
 * Roles in the app's token say nothing certain: an access policy closes single mailboxes, and RBAC for Applications
 * opens some without any role (docs/facts/microsoft-calendar.md 10). So a mailbox is tried, and a refusal remembered.
 */

import { type Credential, GraphError } from "../../../microsoft/graph/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import type { CalendarServices } from "../ports.ts";

export type AccessBy = "app" | "person";

export interface Access {
  readonly by: AccessBy;
  /** Path of the mailbox: `/users/{oid}` or `/me`. */
  readonly base: string;
  readonly credential?: Credential;
}

/** Changes of a policy take hours at Microsoft, too. */
const DENIED_MS = 6 * 3_600_000;
/** No consent at all: an admin may be about to grant it. */
const NO_APP_MS = 15 * 60_000;

export type AccessPorts = Pick<CalendarServices, "clock" | "connections" | "links">;

export class MailboxAccess {
  readonly #ports: AccessPorts;
  /** Closed to the app until then. */
  readonly #deniedUntil = new Map<string, number>();
  #noAppUntil = 0;

  constructor(ports: AccessPorts) {
    this.#ports = ports;
  }

  /** null: the person has no link, so no mailbox of theirs is known. */
  async of(userId: string): Promise<Access | null> {
    const objectId = await this.objectId(userId);
    if (objectId === null) return null;
    return this.#mayUseApp(userId)
      ? { by: "app", base: `/users/${encodeURIComponent(objectId)}` }
      : this.asPerson(userId);
  }

  async objectId(userId: string): Promise<string | null> {
    const links = await this.#ports.links.byMattermostUser([userId]);
    return links.get(userId)?.objectId ?? null;
  }

  asPerson(userId: string): Access {
    return { by: "person", base: "/me", credential: this.#ports.connections.credential(userId) };
  }

  /** True: the refusal concerns the app alone, so the person's own token is worth a try. */
  refused(userId: string, error: unknown): boolean {
    const now = this.#ports.clock.now();
    if (error instanceof ProductError) {
      // There is no token of the app at all: a wrong secret, no registration, no answer of Entra.
      this.#noAppUntil = now + NO_APP_MS;
      return true;
    }
    if (!(error instanceof GraphError) || error.status !== 403) return false;
    if (/^MailboxNot/i.test(error.code)) return false;
    this.#deniedUntil.set(userId, now + DENIED_MS);
    return true;
  }

  /** Settings changed or an admin asked: everything is tried again. */
  forget(userId?: string): void {
    if (userId !== undefined) return void this.#deniedUntil.delete(userId);
    this.#deniedUntil.clear();
    this.#noAppUntil = 0;
  }

  #mayUseApp(userId: string): boolean {
    const now = this.#ports.clock.now();
    return now >= this.#noAppUntil && now >= (this.#deniedUntil.get(userId) ?? 0);
  }
}
