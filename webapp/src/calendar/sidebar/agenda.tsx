/** Shows a week as a list, when the sidebar is too narrow for seven columns. */

import * as React from "react";
import { longDate } from "../dates.ts";
import type { ViewProps } from "../view-props.ts";
import { EventButton } from "./event-button.tsx";
import { planDay } from "./layout.ts";
import { useRoving } from "./roving.ts";

export function Agenda(props: ViewProps): React.ReactElement {
  const { days, known, onOpen, room, say, step, today } = props;
  const writing = room.member();
  const shown = days.flatMap((date) => {
    const { allDay, timed } = planDay(known.events, date);
    const events = [...allDay, ...timed.map(({ event }) => event)];
    return events.length > 0 || date === today ? [{ date, events }] : [];
  });
  const stops = shown.flatMap(({ date, events }) => events.map(({ id }) => ({ date, id })));
  const roving = useRoving(stops, days, step);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the buttons inside.
    <div className="mc-cal-agenda" onKeyDown={roving.onKeyDown}>
      {stops.length === 0 && <p className="mc-note">{say("empty.week")}</p>}
      {shown.map(({ date, events }) => (
        <div key={date}>
          <h4>
            {date === today ? `${say("bar.todayTitle")}, ` : ""}
            {longDate(date, writing)}
          </h4>
          {events.length === 0 ? (
            <p className="mc-help">{say("empty.day")}</p>
          ) : (
            <ul aria-label={longDate(date, writing)}>
              {events.map((event) => (
                <li key={event.id}>
                  <EventButton
                    event={event}
                    date={date}
                    writing={writing}
                    say={say}
                    isStop={roving.isStop(date, event.id)}
                    onOpen={onOpen}
                    onFocus={() => roving.onFocus(date, event.id)}
                    showState
                  />
                </li>
              ))}
            </ul>
          )}
        </div>
      ))}
    </div>
  );
}
