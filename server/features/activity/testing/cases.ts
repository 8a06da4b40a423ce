/** A row of the rule table: a post, special facts about its people, and the expected recipients. */

import { expect, test } from "bun:test";
import type { Channel, Group, Post } from "../../../runtime/mattermost/index.ts";
import { recipientsOf } from "./decide.ts";
import { idOf, type PersonSpec, World } from "./world.ts";

export const NOW = Date.UTC(2026, 10, 21, 12, 0);

export interface Case {
  readonly name: string;
  readonly post: string | Partial<Post>;
  /** Besides alice, who writes, and bob and carol, who are in the channel with all defaults. */
  readonly bob?: PersonSpec;
  readonly carol?: PersonSpec;
  readonly alice?: PersonSpec;
  readonly others?: Readonly<Record<string, PersonSpec>>;
  /** `O` (default), `P`, `D` or `G`, or a partial channel. A direct channel is alice's and bob's. */
  readonly channel?: string | Partial<Channel>;
  readonly thread?: readonly { readonly by: string; readonly says?: string; readonly props?: object }[];
  readonly groups?: Readonly<Record<string, { members: string[]; channels?: string[] } & Partial<Group>>>;
  readonly server?: {
    readonly threads?: "disabled" | "default_off" | "default_on" | "always_on";
    readonly autoFollow?: boolean;
    readonly limit?: number;
    readonly activeMembers?: number;
    readonly denied?: string;
    readonly license?: string | null;
  };
  readonly now?: number;
  readonly defaults?: { enabled: boolean; onlyWhenAway: boolean };
  /** `"bob: mention, carol: keyword"`; empty: nobody. */
  readonly tells: string;
}

export const dm = {
  Type: "D",
  Name: `${idOf("alice")}__${idOf("bob")}`,
  DisplayName: "",
  TeamId: "",
} as const;

export function check(cases: readonly Case[]): void {
  for (const one of cases) {
    test(one.name, async () => {
      const { recipients } = await recipientsOf(...worldOf(one));
      const lines = Object.entries(recipients).map(([name, reason]) => `${name}: ${reason}`);
      expect(lines.sort().join(", ")).toBe(one.tells);
    });
  }
}

function worldOf(one: Case): Parameters<typeof recipientsOf> {
  const world = new World();
  const channel = typeof one.channel === "string" ? { Type: one.channel } : (one.channel ?? {});
  const spec = channel.Type === "D" ? { ...dm, ...channel } : channel;
  world.channel({ Id: idOf("town"), ...spec });
  const direct = spec.Type === "D";
  const people: Record<string, PersonSpec> = { alice: {}, bob: {}, carol: {}, ...one.others };
  for (const [name, base] of Object.entries(people)) {
    const extra = name === "alice" ? one.alice : name === "bob" ? one.bob : name === "carol" ? one.carol : {};
    const absent = direct && !String(spec.Name).includes(idOf(name));
    world.person(name, { ...base, ...extra, ...(absent ? { channel: null } : {}) });
  }
  const { threads, autoFollow, limit, activeMembers, denied, license } = one.server ?? {};
  if (threads) world.config.ServiceSettings.CollapsedThreads = threads;
  if (autoFollow !== undefined) world.config.ServiceSettings.ThreadAutoFollow = autoFollow;
  if (limit !== undefined) world.config.TeamSettings.MaxNotificationsPerChannel = limit;
  if (activeMembers !== undefined) world.activeMembers = activeMembers;
  if (denied) world.denied.add(denied);
  if (license !== undefined) world.license = license === null ? null : { SkuShortName: license };
  for (const [name, { members, ...group }] of Object.entries(one.groups ?? {})) {
    world.group(name, members.map(idOf), group);
  }
  let rootId = "";
  for (const { by, says = "earlier", props = {} } of one.thread ?? []) {
    const earlier = world.post({ UserId: idOf(by), Message: says, Props: { ...props }, RootId: rootId });
    if (rootId === "") rootId = earlier.Id;
  }
  const post = typeof one.post === "string" ? { Message: one.post } : one.post;
  return [
    world,
    world.post({ RootId: rootId, ...post }),
    { now: one.now ?? NOW, ...(one.defaults ? { defaults: one.defaults } : {}) },
  ];
}
