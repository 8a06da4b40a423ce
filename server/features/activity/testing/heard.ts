/** Members whom the server pushes to, as the hook tells the plugin. */

import { type Rig, rigOf, say } from "./rig.ts";
import { defaultNotify, idOf, type PersonSpec } from "./world.ts";

/** A server that pushes to phones, so that its decisions are heard. */
export function pushing(people: Record<string, PersonSpec> = {}): Rig {
  const r = rigOf(people);
  r.world.config.EmailSettings.SendPushNotifications = true;
  r.world.config.ServiceSettings.CollapsedThreads = "always_on";
  return r;
}

/** As Mattermost stores a changed profile: no hook tells of it. */
export function profile(
  r: Rig,
  name: string,
  over: { username?: string; notify?: Record<string, string> },
): void {
  const user = r.world.users.get(idOf(name));
  if (!user) throw new Error(`no ${name}`);
  r.world.users.set(user.Id, {
    ...user,
    Username: over.username ?? user.Username,
    NotifyProps: { ...defaultNotify, ...over.notify },
  });
}

export async function started(r: Rig) {
  const node = r.node();
  await r.clock.pass(0);
  // Everything is known and warm, so that what follows is seen against memory.
  await node.tell(say(r, "warm, @bob"));
  await r.clock.pass(1000);
  r.graph.told.length = 0;
  r.world.calls.clear();
  r.store.calls = 0;
  return node;
}
