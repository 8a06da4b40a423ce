/**
 * Access tokens of connected people, renewed with their refresh tokens.
 *
 * There is one request to Entra per person at a time on each node. Nodes do not wait for each other: Entra keeps
 * earlier refresh tokens valid, and the newest one wins by compare-and-set. Access tokens are kept in memory only.
 */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import { refreshTokens } from "../../microsoft/entra/delegated-tokens.ts";
import type { Credential } from "../../microsoft/graph/index.ts";
import type { Fetch } from "../../microsoft/network/index.ts";
import { ProductError } from "../../platform/errors.ts";
import { type KeyRing, open, seal } from "../../platform/store/sealed.ts";
import { BOT } from "./bot-account/bot-record.ts";
import { isUsable, ownerOf } from "./connection.ts";
import type { ConnectionStore, SeenConnection } from "./connection-store.ts";

export interface TokenPorts {
  readonly config: ConfigSource;
  readonly fetch: Fetch;
  readonly store: ConnectionStore;
  readonly ring: () => KeyRing | null;
  readonly clock: () => number;
  /** Called when this node marked the connection as lost, with Entra's code. */
  readonly onLost: (userId: string, code: string) => void;
}

interface Held {
  readonly connectionId: string;
  readonly token: string;
  readonly takenAt: number;
  readonly expiresAt: number;
  /** When this connection was last seen in the store. */
  confirmedAt: number;
}

/** After a disconnect on another node, a token is used here for at most this long, even when the event got lost. */
const CONFIRM_MS = 30_000;
/** When a policy issues shorter tokens than the caller asks for, a token younger than this is the best available. */
const BEST_THERE_IS_MS = 60_000;
/** A token takes 2 KB. The least recently used one is dropped first. */
const MAX_HELD = 10_000;

export class PersonTokens {
  readonly #ports: TokenPorts;
  readonly #held = new Map<string, Held>();
  readonly #running = new Map<string, Promise<Held>>();

  constructor(ports: TokenPorts) {
    this.#ports = ports;
  }

  /** Throws ProductError `not_connected`, `connection_lost`, `encryption_unavailable`, `microsoft_unreachable`, … */
  credential(userId: string): Credential {
    return {
      token: (minutes) => this.#token(userId, minutes),
      forget: () => this.forget(userId),
    };
  }

  /** Keeps a token that came with the connection. */
  adopt(userId: string, connectionId: string, token: string, expiresAt: number): void {
    const now = this.#ports.clock();
    this.#keep(userId, { connectionId, token, takenAt: now, expiresAt, confirmedAt: now });
  }

  forget(userId: string): void {
    this.#held.delete(userId);
  }

  /**
   * Renews the refresh token of a person whose account was not used for a while, and seals it with the current key.
   */
  async renew(userId: string): Promise<void> {
    await this.#refresh(userId, false);
  }

  async #token(userId: string, minutes: number): Promise<string> {
    const held = await this.#confirmed(userId);
    const now = this.#ports.clock();
    if (held && held.expiresAt > now) {
      const enough = held.expiresAt - now >= minutes * 60_000 || now - held.takenAt < BEST_THERE_IS_MS;
      if (enough) return held.token;
    }
    return (await this.#refresh(userId, true)).token;
  }

  async #confirmed(userId: string): Promise<Held | null> {
    const held = this.#held.get(userId);
    if (!held) return null;
    const now = this.#ports.clock();
    if (Math.abs(now - held.confirmedAt) < CONFIRM_MS) return held;
    const seen = await this.#ports.store.read(userId);
    if (!seen || !isUsable(seen.connection) || seen.connection.id !== held.connectionId) {
      this.forget(userId);
      return null;
    }
    held.confirmedAt = now;
    this.#keep(userId, held);
    return held;
  }

  #refresh(userId: string, isUse: boolean): Promise<Held> {
    const running = this.#running.get(userId);
    if (running) return running;
    const mine = this.#refreshOnce(userId, isUse).finally(() => this.#running.delete(userId));
    this.#running.set(userId, mine);
    return mine;
  }

  async #refreshOnce(userId: string, isUse: boolean): Promise<Held> {
    const { config, fetch } = this.#ports;
    const ring = this.#ports.ring();
    if (!ring) throw new ProductError("encryption_unavailable", "no key");
    let seen = await this.#usable(userId);
    for (;;) {
      const opened = open(seen.connection.sealed, ownerOf(userId), ring);
      if (!opened.ok && opened.why === "key_unknown")
        throw new ProductError("encryption_unavailable", "sealed with a key that is gone");
      if (!opened.ok) return this.#lose(userId, seen, "damaged");
      const scopes = seen.connection.scopes.filter((scope) => !OWN_SCOPES.has(scope.toLowerCase()));
      const asked = config.current;
      const answer = await refreshTokens({ config: asked, fetch }, opened.text, scopes);
      if (answer.ok) return this.#stored(userId, seen, answer.tokens, { ring, isUse });
      switch (answer.why) {
        case "unreachable":
          throw new ProductError("microsoft_unreachable", `entra: ${answer.code}`);
        case "credential":
          throw new ProductError("credential_refused", answer.code);
        case "answer":
        case "refused":
          throw new ProductError("microsoft_refused", answer.code);
      }
      // Another node may have renewed meanwhile, and Entra may have ended the token that this one knew.
      const fresh = await this.#usable(userId);
      // A refusal under former settings, such as a client ID that was corrected meanwhile, is not a loss.
      const isFinal = fresh.connection.sealed === seen.connection.sealed && asked === config.current;
      if (isFinal) return this.#lose(userId, fresh, answer.code);
      seen = fresh;
    }
  }

  async #usable(userId: string): Promise<SeenConnection> {
    const seen = await this.#ports.store.read(userId);
    if (!seen || seen.connection.leaving) throw new ProductError("not_connected");
    const { lost } = seen.connection;
    if (lost) throw new ProductError("connection_lost", lost.code);
    return seen;
  }

  /** Stores the answer unless the store has a newer one. */
  async #stored(
    userId: string,
    before: SeenConnection,
    tokens: {
      accessToken: string;
      lifetimeMs: number;
      refreshToken: string | null;
      scopes: readonly string[];
    },
    { ring, isUse }: { readonly ring: KeyRing; readonly isUse: boolean },
  ): Promise<Held> {
    const { clock, store } = this.#ports;
    const takenAt = clock();
    const { id } = before.connection;
    let seen: SeenConnection | null = before;
    // Without a new refresh token the old one stays; it is sealed again in case the key is being replaced.
    const old = open(before.connection.sealed, ownerOf(userId), ring);
    const refreshToken = tokens.refreshToken ?? (old.ok ? old.text : "");
    const { sealed: used } = before.connection;
    // The token that was used may be spent, whatever the clock of the node says that stored it.
    const isNewer = ({ sealed, takenAt: storedAt }: SeenConnection["connection"]) =>
      sealed === used || storedAt <= takenAt;
    while (seen?.connection.id === id && !seen.connection.leaving && isNewer(seen.connection)) {
      const { lost: _, ...connection } = seen.connection;
      const sealed = seal(refreshToken, ownerOf(userId), ring);
      if (await store.change(userId, seen, { ...connection, sealed, takenAt, scopes: [...tokens.scopes] }))
        break;
      seen = await store.read(userId);
    }
    if (seen?.connection.id !== id || seen.connection.leaving) throw new ProductError("not_connected");
    // The bot account is on no list.
    if (userId !== BOT) await store.noteRefresh(userId, seen.connection, isUse ? takenAt : null);
    const held = {
      connectionId: id,
      token: tokens.accessToken,
      takenAt,
      expiresAt: takenAt + tokens.lifetimeMs,
      confirmedAt: takenAt,
    };
    this.#keep(userId, held);
    return held;
  }

  /** Marks the connection as lost, once among all nodes, and throws. */
  async #lose(userId: string, seen: SeenConnection, code: string): Promise<never> {
    const { clock, onLost, store } = this.#ports;
    this.forget(userId);
    const lost = { at: clock(), code, notice: "open" as const };
    if (await store.change(userId, seen, { ...seen.connection, sealed: "", lost })) {
      await store.entries.update(userId, (entry) => entry && { ...entry, lost: true as const });
      onLost(userId, code);
    }
    throw new ProductError("connection_lost", code);
  }

  #keep(userId: string, held: Held): void {
    this.#held.delete(userId);
    this.#held.set(userId, held);
    if (this.#held.size <= MAX_HELD) return;
    const [oldest] = this.#held.keys();
    if (oldest !== undefined) this.#held.delete(oldest);
  }
}

/** Scopes that Entra adds by itself. */
const OWN_SCOPES: ReadonlySet<string> = new Set(["openid", "profile", "email", "offline_access"]);
