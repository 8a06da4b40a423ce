/**
 * A feature is one object that contains everything it adds to the product, so that adding a feature touches its
 * folder and one line of main.ts. The types are defined here, below the features; main.ts lists the features and
 * compose.ts combines them.
 */

import type { Hooks } from "../runtime/mattermost/index.ts";
import type { FeatureCheck } from "./checks.ts";
import type { Subcommand } from "./commands/index.ts";
import type { ErrorTable } from "./errors.ts";
import type { Routes } from "./http/index.ts";
import type { Language } from "./i18n/language.ts";
import type { Declared } from "./permissions.ts";
import type { KeyFamily } from "./store/key-families.ts";
import type { System } from "./system.ts";

/** Hooks of the plugin as a whole. Features use the other fields of `Feature` instead of implementing them. */
type PluginHooks =
  | "executeCommand"
  | "generateSupportData"
  | "onActivate"
  | "onConfigurationChange"
  | "onDeactivate"
  | "onPluginClusterEvent"
  | "serveHTTP"
  | "serveMetrics";

export type Diagnostics = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface Feature extends Declared {
  readonly name: string;
  /** HTTP routes, each with its audience, which is checked before the handler runs. */
  readonly routes?: Routes;
  /**
   * Several features may listen to one event of the server. A hook that returns a value may belong to one feature
   * only.
   */
  readonly hooks?: Omit<Hooks, PluginHooks>;
  /** The feature's keys in the key-value store; printed into docs/stored-keys.md. The store refuses any other key. */
  readonly storedKeys?: readonly KeyFamily[];
  /** The feature's own errors, besides the common ones; printed into docs/errors.md. */
  readonly errors?: ErrorTable;
  /** Rows of the Checks page. */
  readonly checks?: readonly FeatureCheck[];
  /** The feature's card on the Overview page, loaded when an admin opens the page. */
  readonly system?: () => Promise<System>;
  /**
   * Returns the lines of `/teams status` about the person who runs it; empty while the feature is off or has nothing
   * to report.
   */
  memberStatus?(userId: string, language: Language): Promise<readonly string[]>;
  /** Subcommands of `/teams`, or of the feature's own command. */
  readonly commands?: readonly Subcommand[];
  /** Counts and states for the support packet, under the feature's name. No secrets, no names of people. */
  diagnostics?(): Diagnostics | Promise<Diagnostics>;
  /** Called on activation, which waits for it, so it must not wait for Microsoft. */
  start?(): void | Promise<void>;
  /** Called when new settings are in force, but never before `start`. */
  settingsChanged?(): void;
  /** Must end within 2 s, even when Microsoft does not answer. */
  stop?(): Promise<void> | void;
}
