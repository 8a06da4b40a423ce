/** Levers for connected accounts: failures of a person's connection on Microsoft's side. */

import type { Entra } from "./entra/server.ts";
import type { World } from "./mattermost/world.ts";
import { personOf, userOf } from "./people.ts";
import type { Tenant } from "./tenant.ts";

interface Stage {
  readonly bundle: { readonly id: string };
  readonly entra: Entra;
  readonly mattermost: { restartPlugin(): Promise<void> };
  readonly tenant: Tenant;
  readonly world: World;
}

export const connectionLevers = {
  /** A changed password: every refresh token of the person is refused from now on. */
  revoke: (stage: Stage, username: string) => {
    stage.entra.delegated.revoke(personOf(stage, username).objectId);
  },
  /** Ninety days without use. */
  expire: (stage: Stage, username: string) => {
    stage.entra.delegated.revoke(personOf(stage, username).objectId, "AADSTS700082");
  },
  /**
   * Like `revoke`, and the plugin notices it now: its hourly job refreshes a token that it takes to be a week old.
   */
  async lose(stage: Stage, username: string): Promise<void> {
    connectionLevers.revoke(stage, username);
    const kv = stage.world.kv(stage.bundle.id);
    const key = `connection.${userOf(stage.world, username).Id}`;
    const bytes = kv.get(key);
    if (!bytes) throw new Error(`${username} is not connected`);
    const record = JSON.parse(new TextDecoder().decode(bytes)) as { takenAt: number };
    record.takenAt -= 7 * 86_400_000;
    kv.set(key, new TextEncoder().encode(JSON.stringify(record)));
    kv.delete("job_connections");
    await stage.mattermost.restartPlugin();
  },
} as const;

export type ConnectionLever = keyof typeof connectionLevers;

export const isLever = (name: string): name is ConnectionLever => Object.hasOwn(connectionLevers, name);
