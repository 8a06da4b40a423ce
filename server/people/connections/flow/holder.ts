/** The refusal for a Microsoft account that another account here has. */

import type { User } from "../../../runtime/mattermost/index.ts";
import { type Ending, ending } from "./outcomes.ts";

/** Whoever signed in has proven that the Microsoft account is theirs, and may know which account here has it. */
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
