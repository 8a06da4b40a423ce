/**
 * Routes of the console page about changes: each subscription, whether Microsoft reaches this server, and a retry.
 */

import { reachOf } from "../microsoft/subscriptions/checks.ts";
import type { SubscriptionStatus, Subscriptions } from "../microsoft/subscriptions/index.ts";
import { changesTables } from "../microsoft/subscriptions/words.ts";
import type { Audit } from "../platform/audit/audit.ts";
import { Routes } from "../platform/http/index.ts";
import type { Language } from "../platform/i18n/index.ts";
import { sentence } from "../platform/i18n/tables.ts";
import { languageFor } from "./checks-routes.ts";

export interface ChangesRoutesPorts {
  readonly subscriptions: Pick<Subscriptions, "active" | "retry" | "status">;
  readonly audit: Audit;
}

/** Nobody reads a list of 5,000 calendars to its end, and failing ones come first. */
const SHOWN = 200;

export function changesRoutes({ subscriptions, audit }: ChangesRoutesPorts): Routes {
  const base = "/api/v1/admin/changes";
  return new Routes()
    .get(base, "admin", async (c) => {
      const active = subscriptions.active();
      if (!active) return c.json({ active });
      const status = await subscriptions.status();
      const language = languageFor(c);
      const { subscriptions: all, certificate } = status;
      const rows = [...all].sort((a, b) => Number(b.problem !== null) - Number(a.problem !== null));
      return c.json({
        active,
        delayMinutes: status.delayMs === null ? null : Math.ceil(status.delayMs / 60_000),
        notificationUrl: status.notificationUrl,
        reach: reachOf(status),
        certificateMade: certificate ? certificate.madeAt : null,
        waiting: status.waiting,
        forged: status.alarms.reduce((sum, { count }) => sum + count, 0),
        total: all.length,
        subscriptions: rows.slice(0, SHOWN).map((row) => worded(row, language)),
      });
    })
    .post(`${base}/retry`, "admin", (c, userId) => {
      subscriptions.retry();
      audit({ event: "subscriptions_retried", userId, success: true, meta: {} });
      return c.json({ started: true }, 202);
    });
}

function worded({ problem, ...row }: SubscriptionStatus, language: Language) {
  if (!problem) return { ...row, problem };
  const say = (kind: "seen" | "cure") =>
    sentence(changesTables(), language, `${kind}.${problem.code}`) ?? problem.code;
  return { ...row, problem: { ...problem, says: say("seen"), cure: say("cure") } };
}
