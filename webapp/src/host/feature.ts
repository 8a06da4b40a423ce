/** The interface of a feature inside the web app. The code of its parts is loaded when a part is first shown. */

import type * as React from "react";
import type { FeatureRegistry, HostStore } from "./registry.ts";

/**
 * A part of the person's settings that renders itself, without a Save button (registerUserSettings of the web app).
 */
export interface OwnSection {
  readonly title: string;
  readonly component: unknown;
}

export interface FeatureHost {
  readonly registry: FeatureRegistry;
  readonly store: HostStore;
  readonly now: () => number;
  /** For a feature that needs a Microsoft 365 account: shown while the account is missing, with a way to connect. */
  readonly ConnectPrompt: () => React.ReactElement | null;
}

export interface Shown {
  readonly section?: OwnSection;
  /** The feature was switched off: removes everything. */
  off(): void;
}

/** Registers what the feature shows. Called when the server says that the feature is on. */
export type MemberFeature = (host: FeatureHost) => Shown;
