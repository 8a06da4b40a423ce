/** Shown in the sidebar when there is no calendar to show, with a button to continue. */

import * as React from "react";
import type { Known } from "../calendar.ts";
import { errorText } from "../error-text.ts";
import type { CalendarRoom, CalendarSay } from "../room.ts";

interface Props {
  readonly room: CalendarRoom;
  readonly say: CalendarSay;
  readonly known: Known;
}

export function CalendarState({ known, room, say }: Props): React.ReactElement {
  if (known.at === "not_connected")
    return (
      <div className="mc-cal-state">
        <p>{say("connect.text")}</p>
        <room.ConnectPrompt />
      </div>
    );
  if (known.at === "failed")
    return (
      <div className="mc-cal-state" role="alert">
        <h4>{say("failed.title")}</h4>
        <p>{errorText(known.error, say)}</p>
        <button
          type="button"
          className="mc-button mc-button-primary"
          aria-disabled={known.isReading}
          onClick={() => void room.calendar.refresh()}
        >
          {say("retry")}
        </button>
      </div>
    );
  return (
    <p className="mc-cal-state" role="status">
      {say("loading")}
    </p>
  );
}
