/** The Overview of the product's systems: combines what each feature reports with the last run of the checks. */

import type { Config } from "../microsoft/config/index.ts";
import type { Feature } from "../platform/feature.ts";
import { checkTables } from "../platform/i18n/checks.ts";
import type { Language, Values } from "../platform/i18n/index.ts";
import { sentence } from "../platform/i18n/tables.ts";
import type { SectionReader } from "../platform/settings/index.ts";
import type { Place, System, SystemState } from "../platform/system.ts";
import { within } from "../runtime/within.ts";
import type { CheckRow, Report, Wording } from "./checks/report.ts";
import { permissionRows } from "./setup/permission-rows.ts";
import type { Health, SystemCard, WordedTrouble } from "./system-card.ts";

export interface SystemsPorts {
  readonly features: readonly Feature[];
  readonly config: () => Config;
  readonly latest: () => Promise<Report | null>;
  readonly wording: Wording;
  readonly log: { warn(message: string, fields?: Record<string, unknown>): void };
  readonly limitMs?: number;
}

export interface Systems {
  all(language: Language): Promise<SystemCard[]>;
  one(id: string, language: Language): Promise<SystemCard | null>;
  /** Returns null when there is no such system. */
  find(id: string): Promise<System | null>;
}

const LIMIT_MS = 5_000;
const SETUP: Place = { page: "connect", part: "setup" };
/** Checks that must pass before any call to Microsoft works. */
const PREREQUISITES = ["entra_reachable", "clock", "credential", "credential_expiry"];
/** The place to fix a failed check that names no setting. */
const places: Readonly<Record<string, Place>> = {
  credential: SETUP,
  registration: SETUP,
  consent: SETUP,
  frame_ancestors: { page: "connect", part: "frame-ancestors" },
  catalog: { page: "teams_app", part: "publish" },
  changes: { page: "changes" },
  connections: { page: "accounts" },
};

export function createSystems(ports: SystemsPorts): Systems {
  const { features, latest, limitMs = LIMIT_MS, log } = ports;

  async function cardOf(feature: Feature, report: Report | null, language: Language) {
    const system = await feature.system?.();
    if (!system) return null;
    const unseen = (error: unknown) => {
      log.warn("A system could not be looked at", { system: system.id, error: String(error) });
      return null;
    };
    const look = Promise.try(() => system.look()).catch(unseen);
    const late = Symbol("late");
    const answer = await within(limitMs, look, late);
    const seen = answer === late ? unseen(`no answer within ${limitMs} ms`) : answer;
    return new CardMaker(ports, { feature, system, report, language }).card(seen);
  }

  async function find(id: string): Promise<readonly [Feature, System] | null> {
    for (const feature of features) {
      const system = await feature.system?.();
      if (system?.id === id) return [feature, system];
    }
    return null;
  }

  return {
    async all(language) {
      const report = await latest();
      const cards = await Promise.all(features.map((feature) => cardOf(feature, report, language)));
      return cards.filter((card) => card !== null);
    },
    async one(id, language) {
      const found = await find(id);
      return found && cardOf(found[0], await latest(), language);
    },
    find: async (id) => (await find(id))?.[1] ?? null,
  };
}

/** Texts of a system; falls back to the common ones of the checks. */
export function sayOf({ words }: Pick<System, "words">, language: Language) {
  const tables = words();
  return (key: string, values?: Values): string =>
    sentence(tables, language, key, values) ?? sentence(checkTables(), language, key, values) ?? key;
}

interface Subject {
  readonly feature: Feature;
  readonly system: System;
  readonly report: Report | null;
  readonly language: Language;
}

class CardMaker {
  readonly #ports: SystemsPorts;
  readonly #subject: Subject;
  readonly #say: ReturnType<typeof sayOf>;

  constructor(ports: SystemsPorts, subject: Subject) {
    this.#ports = ports;
    this.#subject = subject;
    this.#say = sayOf(subject.system, subject.language);
  }

  /** `state` null: it could not be read. */
  card(state: SystemState | null): SystemCard {
    const { system } = this.#subject;
    const say = this.#say;
    const isOn = state?.isOn ?? true;
    const permissions = this.#permissions();
    const trouble = isOn ? this.#trouble(state, permissions) : [];
    const failing = (state?.failing ?? []).filter(({ count }) => count > 0);
    const named = (kind: "figure" | "reason") => (one: { readonly code: string }) => ({
      ...one,
      says: say(`${kind}.${one.code}`),
    });
    return {
      id: system.id,
      title: say("title"),
      health: healthOf(isOn, trouble, failing.length > 0),
      page: system.page,
      setting: system.setting ?? null,
      test: system.test?.about ?? null,
      figures: (state?.figures ?? []).map(named("figure")),
      reasons: (state?.reasons ?? []).map(named("reason")),
      reasonsTitle: state?.reasons ? say("reasons") : "",
      failing: failing.map(({ code, count, place }) => ({
        says: say(`failing.${code}`, { count }),
        count,
        place,
      })),
      trouble,
      permissions,
    };
  }

  #trouble(state: SystemState | null, permissions: SystemCard["permissions"]): WordedTrouble[] {
    const say = this.#say;
    const checkSays = (key: string) => sentence(checkTables(), this.#subject.language, key) ?? key;
    if (this.#ports.config().registration === null) {
      const says = checkSays("seen.no_registration");
      return [{ state: "problem", says, cure: checkSays("cure.registration"), place: SETUP }];
    }
    const own = (state?.trouble ?? []).map(({ seen, cure, place, ...one }) => ({
      ...{ state: one.state, says: say(`seen.${seen.code}`, seen.values), cure: say(`cure.${cure}`) },
      place: place ?? null,
      ...(one.at === undefined ? {} : { at: one.at }),
    }));
    const unread: WordedTrouble[] =
      state === null
        ? [{ state: "warning", says: checkSays("seen.failed"), cure: "", place: { page: "checks" } }]
        : [];
    const all = [...this.#missing(permissions), ...own, ...unread, ...this.#rows()];
    return all.sort((a, b) => Number(b.state === "problem") - Number(a.state === "problem"));
  }

  #permissions(): SystemCard["permissions"] {
    const { feature, language, report, system } = this.#subject;
    const { section } = this.#ports.config();
    // Computed as if the system were on, because an admin reads the list before switching it on.
    const asOn: SectionReader = (one) => {
      const { setting } = system;
      return setting && setting in one.settings ? { ...section(one), [setting]: true } : section(one);
    };
    const needed = (feature.permissions ?? []).filter(({ isNeeded }) => isNeeded(asOn));
    const missing = new Set(
      report?.rows
        .find(({ id }) => id === "roles")
        ?.seen.flatMap(({ code, values }) => (code === "role_missing" ? [String(values?.role)] : [])),
    );
    return permissionRows({ list: () => needed }, section, language).map((row) => ({
      ...row,
      missing: row.kind === "application" && missing.has(row.name),
    }));
  }

  #missing(permissions: SystemCard["permissions"]): WordedTrouble[] {
    const { language } = this.#subject;
    const cure = sentence(checkTables(), language, "cure.role") ?? "";
    return (["problem", "warning"] as const).flatMap((state) => {
      const says = permissions
        .filter(({ missing, optional }) => missing && optional === (state === "warning"))
        .flatMap(({ name, without }) => [
          sentence(checkTables(), language, "seen.role_missing", { role: name }) ?? name,
          without,
        ])
        .filter((text) => text !== "");
      // The set-up repairs all of them with one press, so they are one entry.
      return says.length === 0 ? [] : [{ state, says: says.join(" "), cure, place: SETUP }];
    });
  }

  #rows(): WordedTrouble[] {
    const { feature, language, report, system } = this.#subject;
    const ids = new Set([
      ...PREREQUISITES,
      ...(feature.checks ?? []).map(({ id }) => id),
      ...(system.standsOn ?? []),
    ]);
    const rows = report?.rows.filter(({ id, state }) => ids.has(id) && isTrouble(state)) ?? [];
    return rows.map((row) => {
      const { cure, evidence, title } = this.#ports.wording.row(row, language);
      const state = row.state === "problem" ? "problem" : "warning";
      return { state, says: `${title}: ${evidence}`, cure, place: placeOf(row) };
    });
  }
}

const isTrouble = (state: CheckRow["state"]) => state === "problem" || state === "warning";

/** Prefers a button of ours to the field of a setting. */
export function placeOf({ id, setting }: Pick<CheckRow, "id" | "setting">): Place {
  const place = places[id];
  const hasButton = place?.part !== undefined && place !== SETUP;
  return setting === undefined || hasButton ? (place ?? { page: "checks" }) : { page: "connect", setting };
}

function healthOf(isOn: boolean, trouble: readonly WordedTrouble[], isFailing: boolean): Health {
  if (!isOn) return "off";
  if (trouble.some(({ state }) => state === "problem")) return "broken";
  return trouble.length > 0 || isFailing ? "attention" : "working";
}
