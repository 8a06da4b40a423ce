/**
 * A feature is one object: everything it adds to the product is in it, so that adding a feature touches its folder
 * and one line of main.ts. The types live here, below the features; main.ts lists them, compose.ts puts them together.
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

/** Hooks that belong to the plugin as a whole: a feature takes part in them by its other fields. */
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
  /** Each with its audience; checked in front of every handler. */
  readonly routes?: Routes;
  /** Several features may listen to one event of the server. A hook that answers belongs to one feature. */
  readonly hooks?: Omit<Hooks, PluginHooks>;
  /** Its keys in the key-value store; printed into docs/stored-keys.md. Any other key is refused. */
  readonly storedKeys?: readonly KeyFamily[];
  /** Its own errors, beside the common ones; printed into docs/errors.md. */
  readonly errors?: ErrorTable;
  /** Rows of the Checks page. */
  readonly checks?: readonly FeatureCheck[];
  /** Its card on the page Overview, loaded when an admin looks. */
  readonly system?: () => Promise<System>;
  /** Lines of `/teams status` about the person who types it; none while it is off or has nothing to say to them. */
  memberStatus?(userId: string, language: Language): Promise<readonly string[]>;
  /** Subcommands of `/teams`, or of the feature's own command. */
  readonly commands?: readonly Subcommand[];
  /** For the support packet, under the feature's name: counts and states, nothing secret and no names of people. */
  diagnostics?(): Diagnostics | Promise<Diagnostics>;
  /** On activation, which waits for it: never for Microsoft. */
  start?(): void | Promise<void>;
  /** New settings are in force. Not called before `start`. */
  settingsChanged?(): void;
  /** Within 2 s, whatever Microsoft does. */
  stop?(): Promise<void> | void;
}
