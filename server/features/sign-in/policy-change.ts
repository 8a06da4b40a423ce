/**
 * Ends sessions when the rule they were created under becomes stricter; the tab then signs in again under the new
 * one.
 */

import { z } from "zod";
import type { Config } from "../../microsoft/config/index.ts";
import type { Links } from "../../people/links.ts";
import { signInSettings } from "../../platform/settings/index.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";
import { isAllowedDomain } from "./admission.ts";

/** The settings that a session depends on: when one of them changes, the session may be wrong. */
const ruleShape = lazy(() =>
  z.object({
    registration: z.string(),
    allowedDomains: z.array(z.string()),
    guests: z.boolean(),
    systemAdmins: z.enum(["never", "directory", "always"]),
    mfa: z.enum(["never", "claim", "trust_entra"]),
    callers: z.array(z.string()),
    sessionHours: z.number(),
  }),
);
export type Rule = z.output<ReturnType<typeof ruleShape>>;

/** `enforced: false`: a node is ending the sessions now, or died while doing so. */
const recordShape = lazy(() => z.object({ rule: ruleShape(), enforced: z.boolean() }));

export function ruleOf(config: Config): Rule | null {
  const { cloud, registration } = config;
  // Nobody can sign in while the registration is incomplete, so the previous rule stays in force.
  if (!registration) return null;
  const settings = config.section(signInSettings);
  return {
    registration: `${cloud.loginUrl}/${registration.tenantId}/${registration.clientId}`,
    allowedDomains: [...settings.allowed_email_domains].sort(),
    guests: settings.allow_guests,
    systemAdmins: settings.system_admin_sign_in,
    mfa: settings.mfa_accounts,
    callers: [...settings.additional_client_ids].sort(),
    sessionHours: settings.session_hours,
  };
}

/** Whether somebody who could sign in before might not be able to now. Rules for first links only are ignored. */
export function isStricter(next: Rule, before: Rule): boolean {
  const admins = ["never", "directory", "always"];
  const factors = ["never", "claim", "trust_entra"];
  return (
    next.registration !== before.registration ||
    !covers(next.allowedDomains, before.allowedDomains) ||
    (before.guests && !next.guests) ||
    admins.indexOf(next.systemAdmins) < admins.indexOf(before.systemAdmins) ||
    factors.indexOf(next.mfa) < factors.indexOf(before.mfa) ||
    before.callers.some((caller) => !next.callers.includes(caller)) ||
    hours(next) < hours(before)
  );
}

/** An empty list allows every domain. */
function covers(next: readonly string[], before: readonly string[]): boolean {
  if (next.length === 0) return true;
  return before.length > 0 && before.every((entry) => isAllowedDomain(entry, next) || next.includes(entry));
}

const hours = ({ sessionHours }: Rule) => (sessionHours === 0 ? Number.POSITIVE_INFINITY : sessionHours);

export interface PolicyKeeperPorts {
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly links: Links;
  readonly config: () => Config;
  readonly log: Pick<Logger, "info" | "warn">;
}

export interface PolicyKeeper {
  /** After a change of settings and on activation: ends all sessions of the tab when the rule became stricter. */
  apply(signal?: AbortSignal): Promise<void>;
  /**
   * Runs now and then on one node: finishes what another node began, and ends sessions that exceed the admin's
   * length.
   */
  sweep(signal: AbortSignal): Promise<void>;
}

const KEY = "identity.rule";

export function createPolicyKeeper({ kv, links, config, log }: PolicyKeeperPorts): PolicyKeeper {
  const read = async () => {
    const bytes = await kv.get(KEY);
    return bytes ? { bytes, ...parse(bytes) } : null;
  };

  async function endAll(rule: Rule, signal?: AbortSignal): Promise<void> {
    log.info("The sign-in rules became stricter: sessions inside Microsoft 365 end and sign in again");
    for await (const link of links.store.all()) {
      if (signal?.aborted) return;
      await links.store.endSessions(link);
    }
    const now = await read();
    if (now?.rule && same(now.rule, rule))
      await kv.compareAndSet(KEY, now.bytes, encode({ rule, enforced: true }));
  }

  return {
    async apply(signal) {
      const rule = ruleOf(config());
      if (!rule) return;
      const known = await read();
      if (known?.rule && same(known.rule, rule)) return known.enforced ? undefined : endAll(rule, signal);
      const stricter =
        known !== null && (!known.enforced || known.rule === null || isStricter(rule, known.rule));
      // Every node gets the change; the one that records it does the work.
      const first = await kv.compareAndSet(KEY, known?.bytes ?? null, encode({ rule, enforced: !stricter }));
      if (first && stricter) await endAll(rule, signal);
    },
    async sweep(signal) {
      const known = await read();
      if (known && !known.enforced) await (known.rule ? endAll(known.rule, signal) : this.apply(signal));
      if (config().section(signInSettings).session_hours === 0) return;
      for await (const link of links.store.all()) {
        if (signal.aborted) return;
        await links.store.endOverdue(link);
      }
    },
  };
}

/** Runs `sweep` on one node of the cluster. Returns a job that can be stopped. */
export function keepPolicy(
  keeper: PolicyKeeper,
  cluster: Pick<Cluster, "runOnOneNode">,
): { stop(): Promise<void> } {
  return cluster.runOnOneNode("identity.sweep", { everyMs: 10 * 60_000, leaseMs: 60_000 }, (signal) =>
    keeper.sweep(signal),
  );
}

const encode = (record: z.output<ReturnType<typeof recordShape>>) =>
  new TextEncoder().encode(JSON.stringify(record));

/** A rule that cannot be read may have been looser than today's. */
function parse(bytes: Uint8Array): { readonly rule: Rule | null; readonly enforced: boolean } {
  try {
    return recordShape().parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return { rule: null, enforced: false };
  }
}

const same = (one: Rule, other: Rule) => JSON.stringify(one) === JSON.stringify(other);
