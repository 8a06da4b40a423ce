/** A test server that pushes to phones, and reports each push decision to the plugin through the hook. */

import { type Rig, rigOf, say } from "./rig.ts";
import { defaultNotify, idOf, type PersonSpec } from "./world.ts";

/** A server that pushes to phones, so that it reports its decisions. */
export function pushing(people: Record<string, PersonSpec> = {}): Rig {
  const r = rigOf(people);
  r.world.config.EmailSettings.SendPushNotifications = true;
  r.world.config.ServiceSettings.CollapsedThreads = "always_on";
  return r;
}

/** Stores a changed profile as Mattermost does: without a hook. */
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
  // Everything is cached at first, so that the test sees the effect of outdated data.
  await node.posted(say(r, "warm, @bob"));
  await r.clock.pass(1000);
  r.graph.sent.length = 0;
  r.world.calls.clear();
  r.store.calls = 0;
  return node;
}
