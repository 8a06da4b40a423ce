/** Decides who is asked to connect at login: the admin's rules as a pure function, and the source of its input. */

import type { Config, ConfigSource } from "../../../microsoft/config/index.ts";
import type { Fetch } from "../../../microsoft/network/index.ts";
import type { Settings } from "../../../platform/settings/index.ts";
import type { Api } from "../../../runtime/mattermost/index.ts";

export interface Asked {
  readonly mustConnect: boolean;
  /** Whether the dialog offers *Skip for now*. */
  readonly maySkip: boolean;
}

export const NOT_ASKED: Asked = Object.freeze({ mustConnect: false, maySkip: false });

type Rules = Pick<Settings, "allow_skip_connecting" | "enforce_connected_accounts" | "enforce_teams">;

/** Facts about a person. Bots, guests, and people without a seat or not on the list may not connect. */
export interface LoginFacts {
  readonly connected: boolean;
  readonly mayConnect: boolean;
  /** Names of the person's teams; read only when the rules name teams. */
  readonly teams: () => Promise<readonly string[]>;
  /** Whether connecting can work now. Checked last. */
  readonly isPossible: () => Promise<boolean>;
}

export async function askedAtLogin(rules: Rules, facts: LoginFacts): Promise<Asked> {
  if (!rules.enforce_connected_accounts || facts.connected || !facts.mayConnect) return NOT_ASKED;
  const { enforce_teams: chosen } = rules;
  if (chosen.length > 0) {
    const teams = (await facts.teams()).map((name) => name.toLowerCase());
    if (!chosen.some((name) => teams.includes(name.toLowerCase()))) return NOT_ASKED;
  }
  // An outage of Microsoft or an incomplete registration must not lock anybody out of Mattermost.
  if (!(await facts.isPossible())) return NOT_ASKED;
  return { mustConnect: true, maySkip: rules.allow_skip_connecting };
}

export async function teamNames(
  api: Pick<Api, "getTeamsForUser">,
  userId: string,
): Promise<readonly string[]> {
  const teams = await api.getTeamsForUser(userId);
  return teams.filter(({ DeleteAt }) => DeleteAt === 0).map(({ Name }) => Name);
}

export interface Reachability {
  /** Whether Entra answers and the last attempt to connect did not fail because of Microsoft. */
  isReachable(): Promise<boolean>;
  /** Records the end of an attempt, and whether Microsoft answered. */
  note(answered: boolean): void;
}

/** Many browsers ask within the same minute at nine in the morning. */
const KEEP_MS = 2_000;
/** How long nobody is asked after an attempt failed. */
const FAILED_MS = 60_000;
const PATIENCE_MS = 3_000;

export function createReachability(ports: {
  readonly config: ConfigSource;
  readonly fetch: Fetch;
  readonly clock: () => number;
}): Reachability {
  const { clock, config, fetch } = ports;
  let last: { readonly authority: string; readonly at: number; readonly answer: Promise<boolean> } | null =
    null;
  let failedAt: number | null = null;
  // The new settings may have fixed the cause.
  config.onChange(() => {
    last = null;
    failedAt = null;
  });

  async function ask(authority: string): Promise<boolean> {
    try {
      const url = `${authority}/v2.0/.well-known/openid-configuration`;
      const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
      await response.body?.cancel();
      return response.status === 200;
    } catch {
      return false;
    }
  }

  return {
    note(answered) {
      failedAt = answered ? null : clock();
    },
    isReachable() {
      const { cloud, registration } = config.current;
      if (!registration) return Promise.resolve(false);
      const now = clock();
      if (failedAt !== null && Math.abs(now - failedAt) < FAILED_MS) return Promise.resolve(false);
      const authority = `${cloud.loginUrl}/${registration.tenantId}`;
      if (last?.authority !== authority || Math.abs(now - last.at) >= KEEP_MS)
        last = { authority, at: now, answer: ask(authority) };
      return last.answer;
    },
  };
}

/** Whether the settings contain everything that connecting needs. */
export const isSetUp = ({ credentials, encryption, registration }: Config): boolean =>
  registration !== null && credentials.length > 0 && encryption !== null;
