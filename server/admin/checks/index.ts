/** Runs the checks: on demand, daily on one node, and after each change; tells the admins what broke, once. */

import { z } from "zod";
import type { Config, ConfigSource } from "../../microsoft/config/index.ts";
import { refusalOf } from "../../microsoft/entra/refusals.ts";
import type { GraphClient } from "../../microsoft/graph/index.ts";
import { type Fetch, ProxyUnusable, proxyFor } from "../../microsoft/network/index.ts";
import { checkWords } from "../../platform/i18n/checks.ts";
import type { Language } from "../../platform/i18n/language.ts";
import { problemWith } from "../../platform/settings/index.ts";
import {
  type DirectoryLook,
  departuresCheck,
  type SecondFactorMembers,
  secondFactorCheck,
} from "./member-checks.ts";
import {
  catalogCheck,
  clockCheck,
  cloudCheck,
  credentialCheck,
  EXPIRY_DAYS,
  entraCheck,
  expiryCheck,
  installedCheck,
  type KeysInUse,
  lookAtRegistration,
  readMetadata,
  rolesCheck,
  type TokenAnswer,
  type TokenSource,
  takeToken,
} from "./microsoft-checks.ts";
import {
  type CheckId,
  type CheckRow,
  checkIds,
  type Finding,
  ok,
  problem,
  type Report,
  reportSchema,
  see,
  unknown,
  warning,
  wordRow,
} from "./report.ts";
import {
  cookiesCheck,
  frameAncestorsCheck,
  frameHeadersCheck,
  type ServerSettings,
  settingsCheck,
  siteReachableCheck,
  siteUrlCheck,
} from "./server-checks.ts";

export { type CheckRow, type Report, reportText, wordReport, wordRow } from "./report.ts";
export type { ServerSettings } from "./server-checks.ts";

export interface CheckPorts {
  readonly config: ConfigSource;
  readonly store: {
    get(key: string): Promise<Uint8Array | null>;
    set(key: string, value: Uint8Array): Promise<unknown>;
  };
  readonly serverSettings: () => Promise<ServerSettings>;
  readonly fetch: Fetch;
  /** Aborted when the plugin is deactivated: rows that failed for that reason are neither kept nor told. */
  readonly signal?: AbortSignal;
  readonly proxyEnvironment: Readonly<Record<string, string | undefined>>;
  readonly tokens: TokenSource;
  readonly graph: GraphClient;
  /** Entra object id of a Mattermost account, when it is linked. */
  readonly objectIdOf: (userId: string) => Promise<string | null>;
  /** Entra's code of the last refused on-behalf-of exchange, when consent was the reason. */
  readonly consentTrouble?: () => string | null;
  /** The keys that sign-in uses; rejects where none can be used. */
  readonly keysInUse?: () => Promise<KeysInUse | null>;
  /** Members whom the rule for second factors concerns. */
  readonly secondFactors?: () => Promise<SecondFactorMembers>;
  /** Version of the last tab token that was verified on this node. */
  readonly tokenVersion?: () => "1.0" | "2.0" | null;
  /** The daily look for disabled accounts, and the rights of which one lets it look. */
  readonly departures?: {
    last(): Promise<DirectoryLook | null>;
    readonly rights: readonly string[];
  };
  /** End of the credential that the set-up made, when it made one. */
  readonly knownCredentialEnd?: () => Promise<Date | null>;
  /** Told of the end of the client secret whenever it was looked for; `null`: it cannot be known. */
  readonly secretEndSeen?: (end: Date | null) => void;
  readonly lastPackageVersion: () => Promise<string | null>;
  readonly compareVersions: (a: string, b: string) => number;
  readonly catalogVersionSeen: (version: string | null) => void;
  /** Each admin reads it in their own language. */
  readonly tellAdmins: (message: (language: Language) => string) => Promise<void>;
  /** Held by one node at a time. */
  readonly lock: (name: string) => Promise<{ release(): Promise<void> }>;
  readonly log: { warn(message: string, fields?: Record<string, unknown>): void };
  readonly now: () => Date;
}

export interface Checks {
  /** The last run of any node. */
  latest(): Promise<Report | null>;
  /** All rows anew. With a user also those that concern the person. */
  run(userId?: string): Promise<Report>;
  /** The row about the catalog alone, at once: for the page that publishes. */
  catalog(): Promise<CheckRow>;
  /** One round of the daily job; does nothing when the last run is young. */
  daily(): Promise<void>;
  /** Starts listening for changes; the answer ends it. */
  watchChanges(): () => void;
}

const REPORT_KEY = "checks/report";
const TOLD_KEY = "checks/told";
const TIMEOUT_MS = 15_000;
const DAY_MS = 24 * 3_600_000;

type Check = () => Finding | Promise<Finding>;
/** Only where somebody asks for themselves, or where the plugin can look. */
type SometimesId = "departures" | "installed" | "second_factor";
/** A row of the page without its check does not compile. */
type AllChecks = Readonly<Record<Exclude<CheckId, SometimesId>, Check> & Partial<Record<SometimesId, Check>>>;

/** Several settings are saved at once as a rule; then one run is enough. */
const AFTER_CHANGE_MS = 5_000;
/** While an admin is at work, half-finished settings are no news. */
const SETTLED_MS = 15 * 60_000;

export function createChecks(ports: CheckPorts): Checks {
  async function look(userId?: string): Promise<Report> {
    const config = ports.config.current;
    const server = await ports.serverSettings();
    const now = ports.now();
    const metadata = readMetadata(config, ports.fetch);
    const token = takeToken(config, ports.tokens);
    // What Graph is asked with the app's own token waits for the credential's verdict.
    const registration = token.then((answer) =>
      "finding" in answer
        ? { finding: unknown("needs_credential"), credentialEnds: null }
        : lookAtRegistration(config, ports.graph),
    );
    const objectId = userId === undefined ? null : await ports.objectIdOf(userId);

    const checks: AllChecks = {
      settings: () => settingsCheck(config),
      site_url: () => siteUrlCheck(config, server),
      site_reachable: () => siteReachableCheck(config, ports.fetch),
      frame_ancestors: () => frameAncestorsCheck(config, server),
      frame_headers: () => frameHeadersCheck(config, ports.fetch),
      cookies: () => cookiesCheck(config, server),
      entra_reachable: async () => entraCheck(config, await metadata, ports.fetch, ports.keysInUse),
      cloud: async () => cloudCheck(config, await metadata),
      clock: async () => clockCheck(await metadata, now),
      proxy: () => proxyCheck(config, ports.proxyEnvironment),
      credential: async () => credentialCheck(await token),
      credential_expiry: async () => {
        const [best] = config.credentials;
        if (!best) return unknown("no_credential");
        if (best.kind === "federated") return ok("federated");
        if (best.kind === "certificate")
          return expiryCheck(new Date(best.expiresAt), now, "m365_client_certificate");
        const seen = (await registration).credentialEnds ?? (await ports.knownCredentialEnd?.()) ?? null;
        ports.secretEndSeen?.(seen);
        return expiryCheck(seen, now);
      },
      roles: async () => rolesCheck(config, await token),
      registration: async () => (await registration).finding,
      consent: () => consentCheck(ports.consentTrouble?.() ?? null),
      ...secondFactor(config),
      ...departures(token),
      catalog: async () => ("finding" in (await token) ? unknown("needs_credential") : lookAtCatalog(config)),
      ...(userId === undefined ? {} : { installed: () => installedCheck(config, ports.graph, objectId) }),
      licence: () => ok("licence"),
    };
    const rows = await Promise.all(
      checkIds.flatMap((id) => {
        const check = checks[id];
        return check ? [settle(id, check, ports.log)] : [];
      }),
    );
    return { at: now.toISOString(), rows };
  }

  function secondFactor(config: Config) {
    const { secondFactors, tokenVersion } = ports;
    if (!secondFactors) return {};
    return { second_factor: () => secondFactorCheck(config, secondFactors, tokenVersion?.() ?? null) };
  }

  function departures(token: Promise<TokenAnswer>) {
    const watch = ports.departures;
    if (!watch) return {};
    return { departures: async () => departuresCheck(await watch.last(), await token, watch.rights) };
  }

  async function lookAtCatalog(config: Config): Promise<Finding> {
    const last = await ports.lastPackageVersion();
    const seen = await catalogCheck(config, ports.graph, last, ports.compareVersions);
    ports.catalogVersionSeen(seen.version);
    return seen.finding;
  }

  async function run(userId?: string): Promise<Report> {
    const report = await look(userId);
    ports.signal?.throwIfAborted();
    // The stored report is for every admin: what concerns one person stays out.
    const shared = { ...report, rows: report.rows.filter(({ id }) => id !== "installed") };
    await ports.store.set(REPORT_KEY, encode(shared));
    return report;
  }

  async function latest(): Promise<Report | null> {
    return decode(await ports.store.get(REPORT_KEY), reportSchema());
  }

  async function tell(report: Report): Promise<void> {
    // An admin who has not begun knows that nothing works.
    if (!ports.config.current.registration) return;
    const told = decode(await ports.store.get(TOLD_KEY), z.array(z.string())) ?? [];
    const current = report.rows.filter(newsworthy).map(newsKey);
    await ports.store.set(TOLD_KEY, encode(current));
    const news = report.rows.filter((row) => newsworthy(row) && !told.includes(newsKey(row)));
    if (news.length > 0) await ports.tellAdmins((language) => message(news, language));
  }

  /** One run for all nodes: who waited for the lock finds a report that is younger than the reason to run. */
  async function runOnce(reason: Date, andTell: boolean): Promise<void> {
    const lock = await ports.lock("checks");
    try {
      const last = await latest();
      const fresh = last !== null && Date.parse(last.at) >= reason.getTime();
      const report = fresh ? last : await run();
      // The first run of all is silent: somebody has just installed the plugin and is at work.
      if (andTell && last !== null) await tell(report);
    } finally {
      await lock.release();
    }
  }

  return {
    latest,
    run,
    catalog: () => settle("catalog", () => lookAtCatalog(ports.config.current), ports.log),
    daily: () => runOnce(new Date(ports.now().getTime() - DAY_MS), true),
    watchChanges() {
      const timers = new Set<ReturnType<typeof setTimeout>>();
      const later = (ms: number, andTell: boolean) => {
        const due = new Date(ports.now().getTime() + ms);
        const timer = setTimeout(() => {
          timers.delete(timer);
          runOnce(due, andTell).catch((error: unknown) =>
            ports.log.warn("checks after a change failed", { error: String(error) }),
          );
        }, ms);
        timers.add(timer);
      };
      const clear = () => {
        for (const timer of timers) clearTimeout(timer);
        timers.clear();
      };
      const end = ports.config.onChange(() => {
        clear();
        later(AFTER_CHANGE_MS, false);
        later(SETTLED_MS, true);
      });
      return () => {
        end();
        clear();
      };
    },
  };
}

function proxyCheck(config: Config, environment: Readonly<Record<string, string | undefined>>): Finding {
  const settings = { setting: config.outgoingProxy?.reveal() ?? "", environment };
  try {
    const ways = [config.cloud.loginUrl, config.cloud.graphUrl].flatMap((url) => {
      const target = new URL(url);
      const proxy = proxyFor(target, settings);
      // The host alone: a proxy's address may carry a password.
      return proxy === null
        ? see("way_direct", { host: target.host })
        : see("way_proxy", { host: target.host, proxy: new URL(proxy).host });
    });
    return ok(ways);
  } catch (error) {
    if (!(error instanceof ProxyUnusable)) throw error;
    const problems = [problemWith(error.variable, error.code)];
    return { ...problem([], "proxy_variable", "outgoing_proxy"), problems };
  }
}

function consentCheck(number: string | null): Finding {
  if (number === null) return ok("consent_ok");
  return warning(see("consent_refused", { code: number }), refusalOf(number).code);
}

/** A check that throws or hangs is a row that says so, never a page without rows. */
async function settle(
  id: CheckId,
  check: () => Finding | Promise<Finding>,
  log: CheckPorts["log"],
): Promise<CheckRow> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(unknown("timeout")), TIMEOUT_MS);
  });
  try {
    return { id, ...(await Promise.race([check(), timeout])) };
  } catch (error) {
    log.warn("a check failed", { check: id, error: String(error) });
    return { id, ...unknown("failed") };
  } finally {
    clearTimeout(timer);
  }
}

function newsworthy(row: CheckRow): boolean {
  return row.state === "problem" || (row.id === "credential_expiry" && row.state === "warning");
}

/** The expiry is news once at each threshold; everything else once until it is mended. */
function newsKey(row: CheckRow): string {
  const { count, date } = row.seen[0]?.values ?? {};
  if (row.id !== "credential_expiry" || date === undefined) return row.id;
  const reached = typeof count === "number" && EXPIRY_DAYS.filter((days) => count <= days).at(-1);
  return `${row.id}:${typeof count === "number" ? reached : "expired"}:${date}`;
}

function message(rows: readonly CheckRow[], language: Language): string {
  const list = rows
    .map((row) => wordRow(row, language))
    .map(({ title, evidence, cure }) => `- **${title}**: ${evidence}\n  ${cure}`);
  return [
    `#### ${checkWords(language, "message.title")}`,
    ...list,
    "",
    checkWords(language, "message.where"),
  ].join("\n");
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function decode<T>(bytes: Uint8Array | null, schema: z.ZodType<T>): T | null {
  if (!bytes) return null;
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    // Written by another version: the next run replaces it.
    return null;
  }
}
