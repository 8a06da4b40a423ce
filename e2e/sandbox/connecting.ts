/** Levers for connected accounts: what happens to a person's connection on Microsoft's side. */

import type { Entra } from "./entra/server.ts";
import type { World } from "./mattermost/world.ts";
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
    stage.entra.delegated.revoke(personOf(stage, username));
  },
  /** Ninety days without use. */
  expire: (stage: Stage, username: string) => {
    stage.entra.delegated.revoke(personOf(stage, username), "AADSTS700082");
  },
  /** As `revoke`, and the plugin finds out now: its hourly round renews what it takes for a week old. */
  async lose(stage: Stage, username: string): Promise<void> {
    connectionLevers.revoke(stage, username);
    const kv = stage.world.kv(stage.bundle.id);
    const key = `connection.${userOf(stage, username).Id}`;
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

function userOf({ world }: Stage, username: string) {
  const user = world.userByUsername(username);
  if (!user) throw new Error(`there is no ${username}`);
  return user;
}

function personOf(stage: Stage, username: string): string {
  const person = stage.tenant.person(userOf(stage, username).Email);
  if (!person) throw new Error(`${username} has no Microsoft account`);
  return person.objectId;
}
