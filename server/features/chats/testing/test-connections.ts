/** Connects members of tests to their Microsoft accounts, and gives them tokens of the fake Entra. */

import { refreshTokens } from "../../../microsoft/entra/delegated-tokens.ts";
import type { Credential } from "../../../microsoft/graph/index.ts";
import type { Fetch } from "../../../microsoft/network/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import type { FixedConfig } from "../../sign-in/testing/sign-in-world.ts";
import type { Microsoft } from "./microsoft.ts";

export const PLUGIN = "mission-collaboration";
export const SITE = "https://chat.example.com/mattermost";
export const SCOPES = [
  "User.Read",
  "Chat.Read",
  "ChatMessage.Read",
  "ChatMessage.Send",
  "Files.ReadWrite.All",
];

export class TestConnections {
  readonly #microsoft: Microsoft;
  readonly #config: FixedConfig;
  readonly #fetch: Fetch;
  readonly #connected = new Map<string, { objectId: string; lost?: true; scopes: string[] }>();
  readonly #onConnect: ((userId: string) => void)[] = [];

  constructor(microsoft: Microsoft, config: FixedConfig, fetch: Fetch) {
    this.#microsoft = microsoft;
    this.#config = config;
    this.#fetch = fetch;
  }

  connect(userId: string, objectId: string, scopes: string[]): void {
    this.#connected.set(userId, { objectId, scopes });
    this.#microsoft.tenant.agree(this.#microsoft.registered.app.appId, objectId, scopes);
    for (const listener of this.#onConnect) listener(userId);
  }

  disconnect(userId: string): void {
    this.#connected.delete(userId);
  }

  lose(userId: string): void {
    const before = this.#connected.get(userId);
    if (before) this.#connected.set(userId, { ...before, lost: true });
  }

  /** The connections as one process of the plugin sees them: it keeps access tokens of its own. */
  ofOneNode() {
    const credentials = new Map<string, Credential>();
    const connected = this.#connected;
    return {
      connectLink: () => `${SITE}/plugins/${PLUGIN}/oauth2/connect?return=dm`,
      credential: (userId: string) => {
        const known = credentials.get(userId) ?? this.#credential(userId);
        credentials.set(userId, known);
        return known;
      },
      async *list() {
        for (const [userId, { lost, objectId }] of connected)
          yield [userId, { objectId, account: "", since: 0, ...(lost ? { lost } : {}) }] as [string, never];
      },
      onConnect: (listener: (userId: string) => void) => void this.#onConnect.push(listener),
      onDisconnect: () => {},
      used: () => {},
      state: async (userId: string) => ({
        connected: connected.has(userId),
        missing: connected.get(userId)?.scopes.includes("ChatMessage.Send") ? [] : ["ChatMessage.Send"],
        mayConnect: true,
      }),
    };
  }

  #credential(userId: string): Credential {
    let held: string | null = null;
    return {
      token: async () => {
        const one = this.#connected.get(userId);
        if (!one) throw new ProductError("not_connected");
        if (one.lost) throw new ProductError("connection_lost");
        if (held) return held;
        const { app } = this.#microsoft.registered;
        const refresh = this.#microsoft.entra.delegated.issueRefresh(app.appId, one.objectId, one.scopes);
        const answer = await refreshTokens(
          { config: this.#config.current, fetch: this.#fetch },
          refresh,
          one.scopes,
        );
        if (!answer.ok) throw new ProductError("microsoft_unreachable", answer.why);
        held = answer.tokens.accessToken;
        return held;
      },
      forget: () => {
        held = null;
      },
    };
  }
}
