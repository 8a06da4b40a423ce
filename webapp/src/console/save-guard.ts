/**
 * Checks the values between *Save* and storing. The System Console runs a plugin's save actions only after it has
 * stored (schema_admin_settings.tsx, doSubmit), so they cannot refuse anything. But when a change requires
 * confirmation, Save stops before it sends and sets `showConfirm` on the setting. All our changes require
 * confirmation.
 */

import * as React from "react";
import plugin from "../../../plugin.json";
import { isSystemAdmin, lockedBy } from "./access.ts";
import type { Problem } from "./api.ts";
import { checkDraft, freshDraft, storedBefore } from "./draft.ts";
import { readStored, type StoredSettings, takeConfig } from "./host.ts";
import { isUnsaved, liveKeys, liveValue, markSent, notify, savedValue, setValue } from "./live.ts";

export type SaveState =
  | { readonly kind: "quiet" }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] }
  /** Another admin has stored other values since this page read them. `keys` is empty when only a secret changed. */
  | { readonly kind: "newer"; readonly keys: readonly string[] }
  | { readonly kind: "unchecked"; readonly reason: string };

type SaveAction = () => Promise<{ error?: { message: string } }>;

/** The properties of a setting that matter for Save. */
export interface HostSetting {
  readonly id?: string;
  readonly value?: unknown;
  readonly config?: unknown;
  readonly showConfirm?: boolean;
  cancelSubmit?(): void;
  registerSaveAction?(action: SaveAction): void;
  unRegisterSaveAction?(action: SaveAction): void;
  onChange?(id: string, value: unknown, confirm?: boolean, doSubmit?: boolean): void;
}

const isSecret = new Map(
  plugin.settings_schema.sections.flatMap((section) =>
    (section.settings as readonly { key: string; secret?: boolean }[]).map(
      ({ key, secret }) => [key, secret === true] as const,
    ),
  ),
);

let state: SaveState = { kind: "quiet" };
let stored: StoredSettings | null = null;
/** The admin's decision about the current state, for the next press of Save. */
let allowed: "overwrite" | "unchecked" | null = null;
let busy = false;

export const saveState = (): SaveState => state;
export function dismiss(): void {
  state = { kind: "quiet" };
  notify();
}

/** Invalid values block saving; empty ones do not. */
export const blocking = (problems: readonly Problem[]): Problem[] =>
  problems.filter(({ setting }, at) => {
    const value = liveValue(setting);
    // The settings and the manifest built from them may both report the same fault.
    const first = problems.findIndex((problem) => problem.setting === setting) === at;
    return first && value !== undefined && value !== "" && lockedBy(setting) === null;
  });

async function judge(): Promise<SaveState> {
  stored = await readStored();
  const before = storedBefore();
  let now: string | null = null;
  try {
    const draft = await checkDraft();
    now = draft.stored;
    const problems = blocking([...draft.problems, ...draft.package.problems]);
    if (problems.length > 0) return { kind: "refused", problems };
  } catch (error) {
    // A delegated admin may not ask; for an unreadable value the server uses its strict fallback anyway.
    if (isSystemAdmin() && allowed !== "unchecked")
      return { kind: "unchecked", reason: error instanceof Error ? error.message : String(error) };
  }
  if (allowed === "overwrite") return { kind: "quiet" };
  const newer = liveKeys().filter(
    (key) => isSecret.has(key) && differs(stored?.values[key], savedValue(key)),
  );
  const secretTyped = liveKeys().some((key) => isSecret.get(key) && isUnsaved(key));
  const secretNewer = secretTyped && before !== null && now !== null && before !== now;
  return newer.length > 0 || secretNewer ? { kind: "newer", keys: newer } : { kind: "quiet" };
}

/** A setting that is not stored has its default, so this page does not report it as changed. */
const differs = (stored: unknown, saved: unknown): boolean => stored !== undefined && stored !== saved;

/** Shows the other admin's values; the text typed into other fields stays. */
export function takeNewer(): void {
  if (state.kind !== "newer" || !stored) return;
  takeConfig(stored);
  for (const key of state.keys) setValue(key, stored.values[key] ?? "");
  dismiss();
}

export function saveAnyway(form: HTMLFormElement | null): void {
  allowed = state.kind === "newer" ? "overwrite" : "unchecked";
  form?.requestSubmit();
}

async function decide(setting: HostSetting, form: HTMLFormElement | null): Promise<void> {
  busy = true;
  try {
    state = await judge();
  } catch (error) {
    state = { kind: "unchecked", reason: error instanceof Error ? error.message : String(error) };
  }
  const again = allowed === "unchecked" && state.kind === "unchecked";
  allowed = null;
  busy = false;
  setting.cancelSubmit?.();
  notify();
  if (state.kind !== "quiet" && !again) return;
  state = { kind: "quiet" };
  // Save sends the console's copy of the whole configuration, which must be the newest.
  if (stored) takeConfig(stored);
  markSent(liveKeys().filter((key) => isSecret.get(key)));
  setting.onChange?.(setting.id ?? "", setting.value, false);
  setTimeout(() => form?.requestSubmit());
}

/** Fallback for a host that does not stop for a confirmation: its save action returns the fault. */
const afterSave: SaveAction = async () => {
  if (!isSystemAdmin()) return {};
  const draft = await freshDraft().catch(() => null);
  const wrong = draft ? blocking([...draft.problems, ...draft.package.problems]) : [];
  const message = wrong.map(({ setting, says }) => `${setting} ${says}`).join("; ");
  return message === "" ? {} : { error: { message } };
};

/** Registers one action for the whole page; any setting can register it. */
export function useSaveAction(setting: HostSetting | undefined): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the host passes new functions on each render
  React.useEffect(() => {
    setting?.registerSaveAction?.(afterSave);
    return () => setting?.unRegisterSaveAction?.(afterSave);
  }, []);
}

/** Watches the settings of one section for a pending Save. */
export function useSaveGuard(
  settings: readonly HostSetting[],
  inside: React.RefObject<HTMLElement | null>,
): void {
  const waiting = settings.find(({ showConfirm }) => showConfirm);
  const asked = waiting !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each press of Save
  React.useEffect(() => {
    if (waiting && !busy) void decide(waiting, inside.current?.closest("form") ?? null);
  }, [asked]);
}
