/** The answer to somebody who has no connected account, lost it, or connected before the calendar was on. */

import { connectionWords } from "../../../people/connections/connection-words.ts";
import type { Connections } from "../../../people/connections/index.ts";
import type { Caller } from "../../../platform/commands/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import { commandWords } from "./words.ts";

/** Contains the link that helps; null for every other problem. */
export async function withoutAccount(
  connections: Pick<Connections, "connectLink" | "state">,
  { language, userId }: Caller,
  error: unknown,
): Promise<string | null> {
  if (!(error instanceof ProductError)) return null;
  const link = connections.connectLink("dm");
  if (error.code === "not_connected") return commandWords.in(language)("not_connected", { link });
  if (error.code === "connection_lost") return commandWords.in(language)("lost", { link });
  if (error.code !== "event_access") return null;
  const { missing = [] } = await connections.state(userId);
  return missing.length > 0 ? connectionWords.in(language)("status_missing", { link }) : null;
}
