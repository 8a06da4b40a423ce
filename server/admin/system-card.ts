/** A card of the Overview page in the admin's language, as the server returns it and the console draws it. */

import type { Place } from "../platform/system.ts";
import type { PermissionRow } from "./setup/permission-rows.ts";

export type Health = "off" | "working" | "attention" | "broken";

export interface WordedFigure {
  readonly code: string;
  readonly says: string;
  readonly count?: number;
  /** Milliseconds since 1970; null: never. */
  readonly at?: number | null;
}

export interface WordedTrouble {
  readonly state: "warning" | "problem";
  readonly says: string;
  /** Empty when there is nothing to do. */
  readonly cure: string;
  readonly place: Place | null;
  readonly at?: number;
}

export interface SystemCard {
  readonly id: string;
  readonly title: string;
  readonly health: Health;
  readonly page: string;
  readonly setting: string | null;
  /** Whose account the test uses; null: there is no test. */
  readonly test: "self" | "member" | null;
  readonly figures: readonly WordedFigure[];
  readonly reasons: readonly WordedFigure[];
  readonly reasonsTitle: string;
  readonly failing: readonly { readonly says: string; readonly count: number; readonly place: Place }[];
  readonly trouble: readonly WordedTrouble[];
  /** The permissions that it needs while it is on; they are shown even before it is switched on. */
  readonly permissions: readonly (PermissionRow & { readonly missing: boolean })[];
}
