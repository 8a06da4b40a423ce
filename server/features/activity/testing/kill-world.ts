/** The same world in every process: 250 members, one post that concerns them all, one that concerns nobody. */

import { idOf, World } from "./world.ts";

export const MEMBERS = 250;
/** The server pushes the second post to these people anyway. */
export const PUSHED_TO = [3, 4, 5].map((index) => idOf(`member${index}`));

export function killWorld(): World {
  const world = new World();
  world.channel({ Id: idOf("town") });
  world.person("alice");
  for (let i = 0; i < MEMBERS; i += 1) world.person(`member${i}`);
  world.post({ Message: "@channel read this" });
  world.post({ Message: "just talking" });
  return world;
}
