/** The refusal for a Microsoft account that another account here has connected. */

import type { User } from "../../../runtime/mattermost/index.ts";
import { type Ending, ending } from "./outcomes.ts";

/**
 * A person who has signed in has proved that the Microsoft account is theirs. So they may learn which Mattermost
 * account is connected to it.
 */
export async function heldBy(
  holderId: string,
  user: (userId: string) => Promise<User | null>,
  detail = "",
): Promise<Ending> {
  const holder = await user(holderId);
  if (!holder) return ending("holder_gone", detail);
  if (holder.DeleteAt !== 0) return ending("holder_left", detail);
  return { ...ending("account_taken", detail), names: { holder: holder.Username } };
}
