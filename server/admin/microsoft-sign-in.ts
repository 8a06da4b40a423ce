/**
 * Keeps a Microsoft admin signed in while a dialog of the console is open. Tokens stay in this process: in a cluster
 * the dialog works only on the node where it began, and other nodes answer `sign_in_unknown`.
 */

import type { ConfigSource } from "../microsoft/config/index.ts";
import {
  askDeviceCode,
  type DelegatedToken,
  type DeviceCode,
  type DeviceCodePorts,
  startDeviceCode,
} from "../microsoft/entra/device-code.ts";
import { type Purpose, permissionsFor } from "../microsoft/entra/sign-in-client.ts";
import type { Fetch } from "../microsoft/network/index.ts";
import { ProductError } from "../platform/errors.ts";
import { registrationSettings } from "../platform/settings/index.ts";

export type SignInState = "pending" | "signed_in" | "declined" | "expired" | "refused";

export interface SignInView {
  readonly id: string;
  readonly purpose: Purpose;
  readonly state: SignInState;
  readonly userCode: string;
  readonly verificationUri: string;
  /** ISO time. */
  readonly expiresAt: string;
  readonly account: string;
  /** Entra's code of a refusal. */
  readonly detail: string;
}

export interface MicrosoftSignIns {
  start(userId: string, purpose: Purpose): Promise<SignInView>;
  /** Returns the state. Asks Entra no more often than it allows. */
  look(userId: string, id: string): Promise<SignInView>;
  /** Returns the token. Throws `sign_in_unknown` unless this person is signed in for this purpose. */
  token(userId: string, id: string, purpose: Purpose): DelegatedToken;
  end(userId: string, id: string): void;
}

interface Session {
  readonly userId: string;
  readonly purpose: Purpose;
  readonly ports: DeviceCodePorts;
  readonly code: DeviceCode;
  state: SignInState;
  token: DelegatedToken | null;
  detail: string;
  nextAskAt: number;
  intervalMs: number;
  isAsking: boolean;
}

/** One admin opens one dialog; beyond this limit the oldest is dropped. */
const MAX_SESSIONS = 12;

export function createMicrosoftSignIns(ports: {
  readonly config: ConfigSource;
  readonly fetch: Fetch;
  readonly now: () => Date;
}): MicrosoftSignIns {
  const sessions = new Map<string, Session>();
  const clock = () => ports.now().getTime();

  function find(userId: string, id: string): Session {
    const session = sessions.get(id);
    if (!session || session.userId !== userId) throw new ProductError("sign_in_unknown");
    return session;
  }

  async function ask(session: Session): Promise<void> {
    session.nextAskAt = clock() + session.intervalMs;
    const answer = await askDeviceCode(session.ports, session.code);
    if (answer.state === "slow_down") {
      session.intervalMs += 5_000; // RFC 8628, 3.5
      session.nextAskAt = clock() + session.intervalMs;
    } else if (answer.state === "signed_in") {
      session.state = "signed_in";
      session.token = answer.token;
    } else {
      session.state = answer.state;
      session.detail = answer.state === "refused" ? answer.detail : "";
    }
  }

  return {
    async start(userId, purpose) {
      const { cloud, section } = ports.config.current;
      const device: DeviceCodePorts = {
        cloud,
        tenant: section(registrationSettings).m365_tenant_id || "organizations",
        fetch: ports.fetch,
        now: clock,
      };
      const code = await startDeviceCode(device, permissionsFor[purpose]);
      const id = crypto.randomUUID();
      sessions.set(id, {
        userId,
        purpose,
        ports: device,
        code,
        state: "pending",
        token: null,
        detail: "",
        nextAskAt: clock() + code.intervalMs,
        intervalMs: code.intervalMs,
        isAsking: false,
      });
      for (const oldest of sessions.keys()) {
        if (sessions.size <= MAX_SESSIONS) break;
        sessions.delete(oldest);
      }
      return view(id, find(userId, id));
    },

    async look(userId, id) {
      const session = find(userId, id);
      if (session.token && clock() >= session.token.expiresAt) {
        session.state = "expired";
        session.token = null;
      }
      if (session.state !== "pending" || clock() < session.nextAskAt) return view(id, session);
      // Two tabs do not ask twice, nor do two looks while Entra is slow: it refuses a code that it has redeemed.
      if (session.isAsking) return view(id, session);
      session.isAsking = true;
      try {
        await ask(session);
      } finally {
        session.isAsking = false;
      }
      return view(id, session);
    },

    token(userId, id, purpose) {
      const { token, purpose: actual } = find(userId, id);
      if (!token || actual !== purpose || clock() >= token.expiresAt)
        throw new ProductError("sign_in_unknown");
      return token;
    },

    end(userId, id) {
      find(userId, id);
      sessions.delete(id);
    },
  };
}

function view(id: string, { purpose, state, code, token, detail }: Session): SignInView {
  return {
    id,
    purpose,
    state,
    userCode: code.userCode,
    verificationUri: code.verificationUri,
    expiresAt: new Date(token?.expiresAt ?? code.expiresAt).toISOString(),
    account: token?.account ?? "",
    detail,
  };
}
