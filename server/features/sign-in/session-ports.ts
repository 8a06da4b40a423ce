/** The services that the session routes need. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { EntraPerson } from "../../microsoft/entra/entra-person.ts";
import type { TokenVerifier } from "../../microsoft/entra/token-verifier.ts";
import type { ErrorCode } from "../../platform/errors.ts";
import type { Logger } from "../../runtime/mattermost/index.ts";
import type { SignInAttempt } from "./audit.ts";
import type { DestinationApi } from "./destination.ts";
import type { CookieSession } from "./session-cookies.ts";

export interface SignIn {
  signIn(request: {
    readonly person: EntraPerson;
    readonly token: string;
    readonly userAgent: string;
    readonly previousSessionId: string | null;
  }): Promise<SignInAnswer>;
  signInAs(request: {
    readonly userId: string;
    readonly userAgent: string;
    readonly previousSessionId: string | null;
  }): Promise<SignInAnswer>;
  /** Ends a session of the tab, and no other. */
  end(sessionId: string): Promise<void>;
  readonly handover: {
    issue(userId: string, challenge: string): Promise<string>;
    redeem(code: string, verifier: string): Promise<{ userId: string } | null>;
  };
}

export type SignInAnswer =
  | {
      readonly ok: true;
      readonly session: CookieSession & { readonly id: string };
      readonly linked: string | null;
      readonly kept: boolean;
    }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly reason: string;
      readonly userId: string | null;
      readonly detail: string;
    };

export interface SessionPorts {
  readonly config: ConfigSource;
  readonly verifier: Pick<TokenVerifier, "verify">;
  readonly identity: SignIn;
  readonly serverRules: { current(): Promise<{ readonly cookiesForSubdomains: boolean }> };
  readonly api: DestinationApi;
  readonly audit: (attempt: SignInAttempt) => void;
  readonly log: Pick<Logger, "error">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}
