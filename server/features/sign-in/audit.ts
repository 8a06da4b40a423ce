/**
 * Writes one record per sign-in attempt, per session that leaves the frame, and per change of a link: to the server's
 * audit log when it has one for plugins (from 10.10), else as a line of the server's log. Never a token, a cookie, or
 * the address of an unknown person.
 */

import type { EntraPerson } from "../../microsoft/entra/entra-person.ts";
import type { Link, LinkRemoval } from "../../people/link.ts";
import { createRecords, type RecordPorts } from "../../platform/audit/records.ts";

/** One attempt to sign in. Never contains a token, a cookie or the address of an unknown person. */
export interface SignInAttempt {
  readonly outcome: "success" | "refused" | "failed";
  /** A code from a closed set: of the verification, the admission, or the request checks. */
  readonly reason: string;
  readonly detail: string;
  /** Present only when Entra's signature was verified: claims of an unverified token are not recorded. */
  readonly person: EntraPerson | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  /** The basis of the link, if this attempt created it. */
  readonly linked: string | null;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

/** Sessions inside Microsoft 365 that were ended because the directory says that the person has left. */
export interface SessionsEnded {
  readonly link: Link;
  readonly why: "disabled" | "deleted";
}

/** A session that leaves the frame: for one file, or for a window that the tab opened (handed-out.ts). */
export interface HandOver {
  readonly step: "file_ticket" | "file" | "window_code" | "window";
  readonly outcome: "success" | "refused" | "failed";
  readonly reason: string;
  /** Null when the caller is unknown: the ticket or code is unknown, used or expired. */
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly fileId: string | null;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

export interface Audit {
  signIn(attempt: SignInAttempt): void;
  handedOver(handOver: HandOver): void;
  unlinked(removal: LinkRemoval): void;
  sessionsEnded(ended: SessionsEnded): void;
}

export interface AuditPorts extends RecordPorts {
  readonly metrics: {
    counter(name: string, help: string): { add(labels: Readonly<Record<string, string>>): void };
  };
}

export function createAudit({ api, supports, log, metrics }: AuditPorts): Audit {
  const attempts = metrics.counter(
    "sign_ins_total",
    "Attempts to sign in inside Microsoft 365, by outcome and reason",
  );

  const record = createRecords({ api, supports, log });

  return {
    signIn(attempt) {
      // Both come from closed sets.
      attempts.add({ outcome: attempt.outcome, reason: attempt.reason });
      record({
        event: "microsoft365SignIn",
        success: attempt.outcome === "success",
        reason: attempt.reason,
        userId: attempt.userId ?? "",
        sessionId: attempt.sessionId ?? "",
        userAgent: attempt.userAgent.slice(0, 256),
        address: attempt.address,
        parameters: {
          outcome: attempt.outcome,
          reason: attempt.reason,
          detail: attempt.detail,
          tenant_id: attempt.person?.tenantId ?? "",
          object_id: attempt.person?.objectId ?? "",
          client_app: attempt.person?.caller ?? "",
          linked_by: attempt.linked ?? "",
          request_id: attempt.requestId,
        },
      });
    },
    handedOver({ step, outcome, reason, userId, sessionId, fileId, address, userAgent, requestId }) {
      record({
        event: "microsoft365HandOver",
        success: outcome === "success",
        reason,
        userId: userId ?? "",
        sessionId: sessionId ?? "",
        userAgent: userAgent.slice(0, 256),
        address,
        parameters: { step, outcome, reason, file_id: fileId ?? "", request_id: requestId },
      });
    },
    sessionsEnded({ link, why }) {
      record({
        event: "microsoft365SessionsEnded",
        success: true,
        reason: `directory_${why}`,
        userId: "",
        sessionId: "",
        userAgent: "",
        address: "",
        parameters: {
          reason: `directory_${why}`,
          user_id: link.userId,
          tenant_id: link.tenantId,
          object_id: link.objectId,
        },
      });
    },
    unlinked({ by, userId, address, requestId }) {
      record({
        event: "microsoft365Unlink",
        success: true,
        reason: by === userId ? "by_user" : "by_admin",
        userId: by,
        sessionId: "",
        userAgent: "",
        address,
        parameters: { unlinked_user_id: userId, request_id: requestId },
      });
    },
  };
}
