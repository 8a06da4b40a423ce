/**
 * Decides whose rights are used to read a mailbox: the app's own where the admin granted them, else the person's
 * token.
 *
 * The roles in the app's token prove nothing: an access policy closes single mailboxes, and RBAC for Applications
 * opens some without any role (docs/facts/microsoft-calendar.md 10). So the mailbox is tried, and a refusal is
 * remembered.
 */

import { type Credential, GraphError } from "../../../microsoft/graph/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import type { CalendarServices } from "../ports.ts";

export type AccessBy = "app" | "person";

export interface Access {
  readonly by: AccessBy;
  /** Path prefix of the mailbox: `/users/{oid}` or `/me`. */
  readonly base: string;
  readonly credential?: Credential;
}

/** How long a refusal is remembered. Policy changes take hours at Microsoft, too. */
const DENIED_MS = 6 * 3_600_000;
/** How long a missing consent is remembered. Short, because an admin may be about to grant it. */
const NO_APP_MS = 15 * 60_000;

export type AccessPorts = Pick<CalendarServices, "clock" | "connections" | "links">;

export class MailboxAccess {
  readonly #ports: AccessPorts;
  /** Per object id: until when the mailbox is treated as closed to the app; milliseconds since 1970. */
  readonly #deniedUntil = new Map<string, number>();
  #noAppUntil = 0;

  constructor(ports: AccessPorts) {
    this.#ports = ports;
  }

  /** Answers null if the person has no linked Microsoft account, so that no mailbox of theirs is known. */
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

  /** Answers true if the refusal concerns the app alone, so that the person's own token is worth a try. */
  refused(userId: string, error: unknown): boolean {
    const now = this.#ports.clock.now();
    if (error instanceof ProductError) {
      // The app gets no token at all: a wrong secret, no registration, or Entra does not answer.
      this.#noAppUntil = now + NO_APP_MS;
      return true;
    }
    if (!(error instanceof GraphError) || error.status !== 403) return false;
    if (/^MailboxNot/i.test(error.code)) return false;
    this.#deniedUntil.set(userId, now + DENIED_MS);
    return true;
  }

  /** Forgets refusals, so that everything is tried again after settings changed or an admin asked for it. */
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
