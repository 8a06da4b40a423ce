/** A button that shows one event and opens it. */

import * as React from "react";
import type { CalendarEvent } from "../api.ts";
import { clock, type Writing } from "../dates.ts";
import type { CalendarSay } from "../room.ts";
import { lookOf, nameOf, stateWord, subjectOf } from "./look.ts";

interface Props {
  readonly event: CalendarEvent;
  /** The day on which it is drawn. */
  readonly date: string;
  readonly writing: Writing;
  readonly say: CalendarSay;
  /** Whether the Tab key stops at this one. */
  readonly isStop: boolean;
  readonly onOpen: (event: CalendarEvent) => void;
  readonly onFocus: () => void;
  readonly showState?: boolean;
  /** True when there is room for only one line. */
  readonly isShort?: boolean;
}

export function EventButton(props: Props): React.ReactElement {
  const { date, event, isShort = false, isStop, onFocus, onOpen, say, showState = false, writing } = props;
  const state = stateWord(event);
  const time = !event.allDay && event.start.startsWith(date) ? clock(event.start, writing) : "";
  const subject = subjectOf(event, say);
  const more = [time, event.location, showState && state ? say(state) : ""].filter(Boolean).join(" · ");
  return (
    <button
      type="button"
      className="mc-cal-event"
      data-event={event.id}
      data-date={date}
      data-look={lookOf(event)}
      data-short={isShort}
      aria-haspopup="dialog"
      aria-label={nameOf(event, writing, say)}
      title={[subject, more].filter(Boolean).join("\n")}
      tabIndex={isStop ? 0 : -1}
      onClick={() => onOpen(event)}
      onFocus={onFocus}
    >
      <strong>{subject}</strong>
      {more && <span>{more}</span>}
    </button>
  );
}
