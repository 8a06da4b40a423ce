/**
 * The row of the Checks page about connected accounts: the encryption key, seats, lost connections, the bot account.
 */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { CheckAnswer, Sentence } from "../../platform/checks.ts";
import type { Diagnostics } from "../../platform/feature.ts";
import { accountsSettings } from "../../platform/settings/index.ts";
import { open } from "../../platform/store/sealed.ts";
import { ownerOf } from "./connection.ts";
import { type ConnectionStorage, ConnectionStore } from "./connection-store.ts";
import type { Connections } from "./connections.ts";
import { keyRingOf } from "./encryption-key.ts";

export interface ConnectionChecksPorts {
  readonly config: ConfigSource;
  readonly connections: Pick<
    Connections,
    "bot" | "countInvited" | "countOnce" | "isOn" | "list" | "needsBot"
  >;
  readonly kv: ConnectionStorage;
}

interface Counted {
  readonly connected: number;
  readonly lost: number;
  /** Any person whose connection is not lost. */
  readonly example: string | null;
}

async function count({ connections }: ConnectionChecksPorts): Promise<Counted> {
  let connected = 0;
  let lost = 0;
  let example: string | null = null;
  for await (const [userId, entry] of connections.list()) {
    if (entry.lost) lost += 1;
    else {
      connected += 1;
      example ??= userId;
    }
  }
  return { connected, lost, example };
}

export async function lookAtConnections(ports: ConnectionChecksPorts): Promise<CheckAnswer | null> {
  const { config, connections } = ports;
  if (!connections.isOn()) return null;
  const ring = keyRingOf(config.current);
  if (!ring) return wrong("problem", "no_key", "encryption_key");
  const { connected, lost, example } = await count(ports);
  const seen: Sentence[] = [
    { code: "connected", values: { count: connected } },
    ...(lost > 0 ? [{ code: "lost", values: { count: lost } }] : []),
  ];
  const record = example === null ? null : await new ConnectionStore(ports.kv).read(example);
  const opened = record && example !== null && open(record.connection.sealed, ownerOf(example), ring);
  if (opened && !opened.ok && opened.why === "key_unknown")
    return wrong("problem", "key_unknown", "encryption_key_previous");
  if (connections.needsBot() && !(await connections.bot())) {
    return { state: "warning", seen: [...seen, { code: "no_bot" }], cure: "no_bot" };
  }
  const limit = config.current.section(accountsSettings).connected_accounts_limit;
  if (limit > 0 && (await connections.countOnce()) >= limit) {
    const full = { code: "full", values: { limit } };
    return { state: "warning", seen: [...seen, full], cure: "full", setting: "connected_accounts_limit" };
  }
  return { state: "ok", seen };
}

const wrong = (state: CheckAnswer["state"], code: string, setting: string): CheckAnswer => ({
  ...{ state, seen: [{ code }], cure: code, setting },
});

export async function connectionDiagnostics(ports: ConnectionChecksPorts): Promise<Diagnostics> {
  const { connections } = ports;
  if (!connections.isOn()) return { on: false };
  const { connected, lost } = await count(ports);
  return {
    ...{ on: true, connected, lost },
    invitations: await connections.countInvited(),
    bot: connections.needsBot() ? (await connections.bot()) !== null : "not needed",
  };
}
