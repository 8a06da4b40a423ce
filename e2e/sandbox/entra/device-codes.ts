import { randomBytes } from "node:crypto";

/**
 * Codes live 15 minutes, and clients poll every 5 seconds (as Microsoft's answers say). A sandbox lets them poll
 * faster.
 */
const LIFETIME_MS = 900_000;
const INTERVAL_SECONDS = 1;

interface Pending {
  readonly userCode: string;
  readonly clientId: string;
  readonly scope: string;
  readonly issuedAt: number;
  state: "pending" | "declined" | { personId: string };
}

export type DeviceCodeRefusal =
  | "authorization_pending"
  | "authorization_declined"
  | "bad_verification_code"
  | "expired_token";

/** The device code flow: an app shows a code, and a person enters it elsewhere and signs in. */
export class DeviceCodes {
  readonly #codes = new Map<string, Pending>();

  issue(clientId: string, scope: string, verificationUri: string): Record<string, unknown> {
    const deviceCode = randomBytes(24).toString("base64url");
    const userCode = randomBytes(5).toString("hex").toUpperCase().slice(0, 9);
    this.#codes.set(deviceCode, { userCode, clientId, scope, issuedAt: Date.now(), state: "pending" });
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: verificationUri,
      expires_in: LIFETIME_MS / 1000,
      interval: INTERVAL_SECONDS,
      message: `To sign in, open ${verificationUri} and enter the code ${userCode}.`,
    };
  }

  /** Pending codes, newest first. */
  waiting(): { userCode: string; scope: string }[] {
    const pending = [...this.#codes.values()].filter((each) => each.state === "pending");
    return pending.map(({ userCode, scope }) => ({ userCode, scope })).reverse();
  }

  /** The person on the other device signs in or declines. Answers false if there is no such code. */
  answer(userCode: string, personId: string | null): boolean {
    const pending = [...this.#codes.values()].find((each) => each.userCode === userCode);
    if (!pending) return false;
    pending.state = personId === null ? "declined" : { personId };
    return true;
  }

  /** Redeems a code, once. */
  redeem(deviceCode: string, clientId: string): { personId: string; scope: string } | DeviceCodeRefusal {
    const pending = this.#codes.get(deviceCode);
    if (!pending || pending.clientId !== clientId) return "bad_verification_code";
    if (Date.now() - pending.issuedAt > LIFETIME_MS) return "expired_token";
    if (pending.state === "pending") return "authorization_pending";
    this.#codes.delete(deviceCode);
    return pending.state === "declined"
      ? "authorization_declined"
      : { ...pending.state, scope: pending.scope };
  }
}
