/** The same world in every process: 250 members, one post that concerns them all. */

import { idOf, World } from "./world.ts";

export const MEMBERS = 250;

export function killWorld(): World {
  const world = new World();
  world.channel({ Id: idOf("town") });
  world.person("alice");
  for (let i = 0; i < MEMBERS; i += 1) world.person(`member${i}`);
  world.post({ Message: "@channel read this" });
  return world;
}
