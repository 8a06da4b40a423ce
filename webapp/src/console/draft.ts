/**
 * Sends the values on the screen to the server and keeps its answer: problems, the package, and its list of changes.
 */

import { useEffect } from "react";
import { isSystemAdmin } from "./access.ts";
import { type Problem, post, Refusal } from "./api.ts";
import { allValues, notify, subscribe } from "./live.ts";

export interface Change {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface Draft {
  readonly problems: readonly Problem[];
  /** Values that look like mistakes; they block nothing. */
  readonly warnings: readonly Problem[];
  /** By setting: the certificates that were understood. `expires` is a date. */
  readonly certificates: Readonly<
    Record<string, readonly { readonly subject: string; readonly expires: string }[]>
  >;
  readonly applicationIdUri: string | null;
  readonly siteUrl: string | null;
  readonly portalUrl: string;
  readonly catalogApi: boolean;
  readonly activityFeed: boolean;
  /** Changes with every change of the stored settings, including secrets. */
  readonly stored: string;
  readonly package: {
    readonly problems: readonly Problem[];
    readonly version: string | null;
    readonly lastVersion: string | null;
    readonly lastAt: string | null;
    readonly changes: readonly Change[];
  };
}

/** Short enough to feel immediate, long enough not to send a request for every letter. */
const PAUSE_MS = 350;
/** After a failure. */
const RETRY_MS = 5_000;

let draft: Draft | null = null;
let failure: string | null = null;
let asked = "";
/** The values that `draft` is about. */
let answered = "";
let timer: ReturnType<typeof setTimeout> | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let isWatched = false;
let generation = 0;

/** `stored` as it was when the console last read the configuration. */
let before: string | null = null;
export const storedBefore = (): string | null => before;
/** Called when the console has read a newer configuration: the next answer sets a new baseline. */
export function resetBaseline(): void {
  before = null;
  asked = "";
  schedule();
}

/** Delayed and combined, because at the start the fields have not published their values yet. */
function schedule(): void {
  clearTimeout(timer);
  timer = setTimeout(() => void ask(), PAUSE_MS);
}

/** Asks the server now. */
export async function checkDraft(): Promise<Draft> {
  const settings = allValues();
  const text = JSON.stringify(settings);
  asked = text;
  const mine = ++generation;
  try {
    const answer = await post<Draft>("/api/v1/admin/draft", { settings });
    if (mine !== generation) return answer;
    draft = answer;
    answered = text;
    failure = null;
    notify();
    return answer;
  } catch (error) {
    if (mine === generation) asked = "";
    throw error;
  }
}

/** The same, but without a request when nothing was typed since the last answer. */
export const freshDraft = async (): Promise<Draft> =>
  draft && asked === answered && answered === JSON.stringify(allValues()) ? draft : checkDraft();

async function ask(): Promise<void> {
  if (!isSystemAdmin()) return;
  const settings = allValues();
  const text = JSON.stringify(settings);
  if (text === asked) return;
  clearTimeout(retry);
  asked = text;
  const mine = ++generation;
  try {
    const answer = await post<Draft>("/api/v1/admin/draft", { settings });
    if (mine !== generation) return;
    draft = answer;
    answered = text;
    before ??= answer.stored;
    failure = null;
  } catch (error) {
    if (mine !== generation) return;
    // The typed text stays on the screen; the next letter sends another request, and so does the end of the pause.
    failure = error instanceof Refusal ? error.message : String(error);
    if (isWatched) retry = setTimeout(refreshDraft, RETRY_MS);
  }
  notify();
}

/** Asks again although nothing was typed: an icon was changed, or a package was downloaded. */
export function refreshDraft(): void {
  asked = "";
  void ask();
}

export const currentDraft = (): Draft | null => draft;
export const draftFailure = (): string | null => failure;

export const problemOf = (setting: string): string | null =>
  [...(draft?.problems ?? []), ...(draft?.package.problems ?? [])].find(
    (problem) => problem.setting === setting,
  )?.says ?? null;

export const warningOf = (setting: string): string | null =>
  draft?.warnings.find((warning) => warning.setting === setting)?.says ?? null;

export const certificatesOf = (setting: string): Draft["certificates"][string] =>
  draft?.certificates[setting] ?? [];

/** Keeps the draft current until the returned function is called. */
export function watchDraft(): () => void {
  isWatched = true;
  schedule();
  const end = subscribe(schedule);
  return () => {
    isWatched = false;
    clearTimeout(timer);
    clearTimeout(retry);
    end();
  };
}

/** Keeps the draft current while the console is open. */
export const useDraftWatch = (): void => useEffect(watchDraft, []);
