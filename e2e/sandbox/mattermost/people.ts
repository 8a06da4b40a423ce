/** Accounts with their sessions, statuses and preferences. */

import type { Bot, Preference, Session, Status, User } from "../../../server/runtime/mattermost/index.ts";
import { newId } from "./ids.ts";
import { ServerCore } from "./server-core.ts";
import { emplace } from "./table.ts";
import * as zero from "./zero.ts";

export class People extends ServerCore {
  readonly users = new Map<string, User>();
  readonly sessions = new Map<string, Session>();
  readonly statuses = new Map<string, Status>();
  readonly bots = new Map<string, Bot>();
  readonly profileImages = new Map<string, Uint8Array>();
  readonly #preferences = new Map<string, Map<string, Preference>>();
  readonly #usernames = new Map<string, string>();
  readonly #emails = new Map<string, string>();

  /** `email` and `username` are lower case in the database, whatever was typed. */
  addUser(part: Partial<User> & { Username: string }): User {
    const at = this.now();
    const user = zero.user({
      Id: newId(),
      Roles: "system_user",
      EmailVerified: true,
      ...part,
      CreateAt: part.CreateAt || at,
      UpdateAt: at,
      Username: part.Username.toLowerCase(),
      Email: (part.Email ?? `${part.Username}@example.com`).toLowerCase(),
      NotifyProps: { ...zero.defaultNotifyProps(), ...part.NotifyProps },
    });
    this.putUser(user);
    return user;
  }

  putUser(user: User): void {
    const before = this.users.get(user.Id);
    if (before) {
      this.#usernames.delete(before.Username);
      this.#emails.delete(before.Email);
    }
    this.users.set(user.Id, user);
    this.#usernames.set(user.Username, user.Id);
    this.#emails.set(user.Email, user.Id);
  }

  userByUsername(username: string): User | undefined {
    return this.users.get(this.#usernames.get(username.toLowerCase()) ?? "");
  }

  userByEmail(email: string): User | undefined {
    return this.users.get(this.#emails.get(email.toLowerCase()) ?? "");
  }

  /** Deactivation ends the person's sessions, as on the server. */
  setActive(userId: string, active: boolean): void {
    const user = this.users.get(userId);
    if (!user) return;
    this.putUser({ ...user, DeleteAt: active ? 0 : this.now(), UpdateAt: this.now() });
    if (!active) {
      for (const session of this.sessions.values()) {
        if (session.UserId === userId) this.sessions.delete(session.Id);
      }
      this.fire("userHasBeenDeactivated", this.users.get(userId));
    }
  }

  setStatus(userId: string, status: string, more: Partial<Status> = {}): Status {
    const before = this.statuses.get(userId);
    const next: Status = {
      UserId: userId,
      Status: status,
      Manual: false,
      LastActivityAt: this.now(),
      ActiveChannel: "",
      DNDEndTime: 0,
      PrevStatus: before?.Status ?? "",
      ...more,
    };
    this.statuses.set(userId, next);
    this.tell({ event: "status_change", data: { user_id: userId, status }, to: {} });
    return next;
  }

  /**
   * The server's job of every full minute: ends an expired do-not-disturb and restores an automatic status.
   */
  endTimedDnd(): void {
    for (const { DNDEndTime, PrevStatus, Status: status, UserId } of [...this.statuses.values()])
      if (status === "dnd" && DNDEndTime > 0 && DNDEndTime * 1_000 <= this.now())
        this.setStatus(UserId, PrevStatus || "online", { Manual: false, PrevStatus: "" });
  }

  preferences(userId: string): Map<string, Preference> {
    return emplace(this.#preferences, userId, () => new Map());
  }

  setPreference(userId: string, category: string, name: string, value: string): void {
    this.preferences(userId).set(`${category}\0${name}`, {
      UserId: userId,
      Category: category,
      Name: name,
      Value: value,
    });
  }

  /** Session.PreSave and the store: a new id and token, whatever the caller filled in. */
  addSession(part: Partial<Session> & { UserId: string }): Session {
    const at = this.now();
    const session = zero.session({ ...part, Id: newId(), Token: newId(), CreateAt: at, LastActivityAt: at });
    session.Props = { ...part.Props };
    this.sessions.set(session.Id, session);
    return session;
  }

  /** A live session; undefined for an expired one. */
  sessionByToken(token: string): Session | undefined {
    for (const session of this.sessions.values()) {
      if (session.Token === token)
        return session.ExpiresAt > 0 && this.now() > session.ExpiresAt ? undefined : session;
    }
    return undefined;
  }
}
