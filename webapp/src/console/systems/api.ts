/** What the server says of the systems (server/admin/systems-routes.ts), worded in the admin's language. */

import { get, post } from "../api.ts";
import type { Place } from "../navigation.ts";
import type { Permission } from "../permission-table.tsx";

export type Standing = "off" | "working" | "attention" | "broken";

export interface Figure {
  readonly code: string;
  readonly says: string;
  readonly count?: number;
  /** Milliseconds since 1970; null: never. */
  readonly at?: number | null;
}

export interface Trouble {
  readonly state: "warning" | "problem";
  readonly says: string;
  /** Empty when nothing is to be done. */
  readonly cure: string;
  readonly place: Place | null;
  readonly at?: number;
}

export interface SystemCard {
  readonly id: string;
  readonly title: string;
  readonly standing: Standing;
  readonly page: string;
  readonly setting: string | null;
  readonly test: "self" | "member" | null;
  readonly figures: readonly Figure[];
  readonly reasons: readonly Figure[];
  readonly reasonsTitle: string;
  readonly failing: readonly { readonly says: string; readonly count: number; readonly place: Place }[];
  readonly trouble: readonly Trouble[];
  readonly permissions: readonly (Permission & { readonly missing: boolean })[];
}

export interface Checked {
  /** ISO time of the last run of the checks; null: never. */
  readonly checkedAt: string | null;
  /** A run is under way, or due after a change. */
  readonly checking: boolean;
  readonly problems: number;
  readonly warnings: number;
}

export interface Overview extends Checked {
  readonly systems: readonly SystemCard[];
}

export interface OneSystem extends Checked {
  readonly system: SystemCard;
}

export interface TestStep {
  readonly id: string;
  readonly title: string;
  readonly ok: boolean;
  readonly says: string;
  readonly cure: string;
  readonly place: Place | null;
}

const PATH = "/api/v1/admin/systems";

export const readOverview = () => get<Overview>(PATH);
export const runChecks = () => post<Overview>(`${PATH}/check`);
export const readSystem = (id: string) => get<OneSystem>(`${PATH}/${id}`);
export const testSystem = async (id: string, username?: string): Promise<readonly TestStep[]> => {
  const body = username === undefined ? {} : { username };
  return (await post<{ steps: readonly TestStep[] }>(`${PATH}/${id}/test`, body)).steps;
};
