/** The state of the systems (server/admin/systems-routes.ts), in the admin's language. */

import type { SystemCard } from "../../../../server/admin/system-card.ts";
import { get, post } from "../api.ts";
import type { Place } from "../navigation.ts";

export type {
  Health,
  SystemCard,
  WordedFigure as Figure,
  WordedTrouble as Trouble,
} from "../../../../server/admin/system-card.ts";

export interface Checked {
  /** When the checks last ran, in ISO format; null: never. */
  readonly checkedAt: string | null;
  /** True when a run is in progress, or due after a change. */
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
