/** Asks the server where a link leads. */

import { Refusal, type Server } from "./server.ts";
import type { Event } from "./state.ts";

export async function follow(server: Pick<Server, "resolve">, subPageId: string): Promise<Event> {
  try {
    const location = await server.resolve(subPageId);
    return location === null
      ? { is: "link_unavailable", subPageId }
      : { is: "link_resolved", subPageId, location };
  } catch (error) {
    const isSignedOut = error instanceof Refusal && error.kind === "signed_out";
    return { is: isSignedOut ? "link_needs_session" : "link_unavailable", subPageId };
  }
}
