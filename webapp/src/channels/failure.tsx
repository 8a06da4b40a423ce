/** Explains a refusal, with a button to connect, to retry, or none. */

import * as React from "react";
import { Refusal } from "../console/api.ts";
import type { ChannelsRoom, ChannelsSay, Word } from "./room.ts";

interface Props {
  readonly error: Error;
  readonly room: ChannelsRoom;
  readonly say: ChannelsSay;
  readonly onRetry: () => void;
}

const words: Readonly<Record<string, Word>> = {
  teams_unreachable: "error.teamsUnreachable",
  teams_channel_unavailable: "error.teamsChannel",
  not_found: "error.notFound",
};

/** Reasons for which a retry makes sense. */
const PASSES = new Set(["teams_unreachable"]);

export function Failure({ error, onRetry, room, say }: Props): React.ReactElement {
  const refusal = error instanceof Refusal ? error : null;
  if (refusal && (refusal.code === "not_connected" || refusal.reason === "connect_first"))
    return (
      <div role="alert">
        <p>{say("error.connect")}</p>
        <room.ConnectPrompt />
      </div>
    );
  const mayTry = !refusal || refusal.status >= 500 || PASSES.has(refusal.reason);
  return (
    <div role="alert" className="mc-error">
      <p>{failureText(refusal, say)}</p>
      {mayTry && (
        <button type="button" className="mc-button" onClick={onRetry}>
          {say("retry")}
        </button>
      )}
    </div>
  );
}

function failureText(refusal: Refusal | null, say: ChannelsSay): string {
  if (!refusal) return say("error.unreachable");
  // The server sends the first reason that applies, in the person's language and with Markdown emphasis.
  if (refusal.code === "link_refused") return refusal.message.replaceAll("**", "");
  return say(words[refusal.code] ?? "error.other");
}
