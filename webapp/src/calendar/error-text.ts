/** Explains a refusal of the server to the person, by its code: the server's own sentences are in English. */

import { Refusal } from "../console/api.ts";
import type { CalendarSay, Word } from "./room.ts";

const words: Readonly<Record<string, Word>> = {
  microsoft_unreachable: "error.microsoft",
  event_gone: "error.gone",
  event_own: "error.own",
  event_cancelled: "error.cancelled",
  event_past: "error.past",
  event_no_response: "error.noResponse",
  event_no_proposals: "error.noProposals",
  event_access: "error.access",
  event_channel: "error.channel",
  event_links_full: "error.linksFull",
  event_no_mailbox: "error.noMailbox",
  event_conflict: "error.conflict",
  event_throttled: "error.throttled",
  event_refused: "error.refused",
  event_fields: "error.fields",
  still_running: "error.stillRunning",
  not_connected: "error.notConnected",
  connection_lost: "error.notConnected",
  consent_required: "error.notConnected",
};

export function errorText(error: Error | null, say: CalendarSay): string {
  if (!(error instanceof Refusal)) return say("error.unreachable");
  const word = words[error.code];
  if (word) return say(word);
  return error.requestId === "" ? say("error.other") : say("error.otherWithId", { id: error.requestId });
}
