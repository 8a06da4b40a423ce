/** Keeps the cached data of linked members current, in the background. */

import type { Clock } from "../../../platform/work/pace.ts";
import type { Log } from "../ports.ts";
import type { Members } from "./members.ts";
import type { OwnChoices } from "./own-choices.ts";

const REFRESH_EVERY_MS = 15_000;
const RETRY_MS = 5_000;
const PREFERENCES_AT_ONCE = 100;
const PREFERENCES_PAUSE_MS = 200;

export interface MemberUpkeepPorts {
  readonly members: Members;
  readonly ownChoices: OwnChoices;
  readonly enabled: () => boolean;
  /** Whether there were posts since the last call: without posts, profiles are not read again. */
  readonly takeTraffic: () => boolean;
  readonly log: Log;
  readonly clock: Clock;
}

/** Runs until the signal is aborted. */
export async function keepMembers(ports: MemberUpkeepPorts, signal: AbortSignal): Promise<void> {
  const { members, ownChoices, takeTraffic, log, clock } = ports;
  let settled = false;
  let refreshDue = false;
  while (!signal.aborted) {
    try {
      await members.ready();
      await ownChoices.add(...members.takeChosen());
      refreshDue = takeTraffic() || refreshDue;
      if (refreshDue) await members.refresh();
      refreshDue = false;
      // Not at first, while the entries that waited in the queue are sent.
      if (settled) await readPreferences(ports, signal);
      settled = true;
    } catch (error) {
      log.warn("The linked members could not be read", { error: String(error) });
      await clock.sleep(RETRY_MS, signal);
      continue;
    }
    await clock.sleep(REFRESH_EVERY_MS, signal);
  }
}

/** Reads them slowly, before they are needed: there is no bulk call, and others use the database too. */
async function readPreferences({ members, enabled, clock }: MemberUpkeepPorts, signal: AbortSignal) {
  while (enabled() && !signal.aborted) {
    const some = members.withoutChoices(PREFERENCES_AT_ONCE);
    if (some.length === 0) return;
    await members.loadChoices(some);
    await clock.sleep(PREFERENCES_PAUSE_MS, signal);
  }
}
