/**
 * Shows days as columns of hours: all-day events above them, overlapping events side by side, and a line at the
 * current time.
 */

import * as React from "react";
import { addMinutes, hourMark, longDate, minutesOf, shortDate } from "../dates.ts";
import type { ViewProps } from "../view-props.ts";
import { EventButton } from "./event-button.tsx";
import { DAY_MINUTES, type DayPlan, planDay } from "./layout.ts";
import { useRoving } from "./roving.ts";
import { PX } from "./sidebar-styles.ts";

const TWO_LINES_PX = 34;
const SLOT_MINUTES = 30;
/** The first visible hour when the grid opens on a day other than today. */
const FIRST_HOUR = 8;
const HOURS = Array.from({ length: 23 }, (_, hour) => hour + 1);

export function Grid(props: ViewProps): React.ReactElement {
  const { days, known, onOpen, room, say, step, today, wall } = props;
  const writing = room.member();
  const plans = React.useMemo(() => days.map((date) => planDay(known.events, date)), [days, known.events]);
  const stops = plans.flatMap(({ date, allDay }) => allDay.map(({ id }) => ({ date, id })));
  const timedStops = plans.flatMap(({ date, timed }) => timed.map(({ event: { id } }) => ({ date, id })));
  const roving = useRoving([...stops, ...timedStops], days, step);
  const scroll = React.useRef<HTMLDivElement>(null);
  const hasToday = days.includes(today);
  const from = hasToday ? Math.max(0, minutesOf(wall) - 60) : FIRST_HOUR * 60;
  const begin = React.useRef(from);
  begin.current = from;
  const period = days.join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: other days are shown from their morning, or from now, on.
  React.useEffect(() => {
    if (scroll.current) scroll.current.scrollTop = begin.current * PX;
  }, [period]);
  const isEmpty = plans.every(({ allDay, timed }) => allDay.length + timed.length === 0);
  const dayName = ({ allDay, date, timed }: DayPlan) =>
    `${longDate(date, writing)}, ${say.count("day.count", allDay.length + timed.length)}`;
  const button = (event: DayPlan["allDay"][number], date: string, isShort = false) => (
    <EventButton
      event={event}
      date={date}
      writing={writing}
      say={say}
      isStop={roving.isStop(date, event.id)}
      onOpen={onOpen}
      onFocus={() => roving.onFocus(date, event.id)}
      isShort={isShort}
    />
  );

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the buttons inside.
    <div
      style={{ "--mc-days": days.length, display: "contents" } as React.CSSProperties}
      onKeyDown={roving.onKeyDown}
    >
      {days.length > 1 && (
        <div className="mc-cal-heads" aria-hidden="true">
          <span />
          {days.map((date) => (
            <span key={date} data-today={date === today}>
              {shortDate(date, writing)}
            </span>
          ))}
        </div>
      )}
      {isEmpty && <p className="mc-note">{say(days.length > 1 ? "empty.week" : "empty.day")}</p>}
      {plans.some(({ allDay }) => allDay.length > 0) && (
        <div className="mc-cal-all">
          <span aria-hidden="true">{say("event.allDay")}</span>
          {plans.map(({ allDay, date }) => (
            <ul key={date} aria-label={`${longDate(date, writing)}, ${say("event.allDay")}`}>
              {allDay.map((event) => (
                <li key={event.id}>{button(event, date)}</li>
              ))}
            </ul>
          ))}
        </div>
      )}
      {/* The grid needs a tab stop, because otherwise keyboard users could not scroll it when it has no events. */}
      {/* biome-ignore lint/a11y: a fieldset does not scroll in every browser. */}
      <div className="mc-cal-scroll" ref={scroll} role="group" aria-label={say("grid")} tabIndex={0}>
        <div className="mc-cal-grid" style={{ height: DAY_MINUTES * PX }}>
          <div className="mc-cal-hours" aria-hidden="true">
            {HOURS.map((hour) => (
              <span key={hour} style={{ top: hour * 60 * PX }}>
                {hourMark(hour, writing)}
              </span>
            ))}
          </div>
          {plans.map((plan) => (
            <fieldset key={plan.date} className="mc-cal-day" aria-label={dayName(plan)}>
              <Slots date={plan.date} onPick={(slot) => room.form.set({ wall: slot })} />
              {plan.timed.length > 0 && (
                <ul>
                  {plan.timed.map(({ column, columns, event, from: start, to }) => (
                    <li
                      key={event.id}
                      style={{
                        top: start * PX,
                        height: Math.max((to - start) * PX, 18),
                        insetInlineStart: `${(column / columns) * 100}%`,
                        width: `${100 / columns}%`,
                      }}
                    >
                      {button(event, plan.date, (to - start) * PX < TWO_LINES_PX)}
                    </li>
                  ))}
                </ul>
              )}
              {plan.date === today && <div className="mc-cal-now" style={{ top: minutesOf(wall) * PX }} />}
            </fieldset>
          ))}
        </div>
      </div>
    </div>
  );
}

/** The free space of a day. The button "New event" does the same for the keyboard. */
function Slots({ date, onPick }: { date: string; onPick: (wall: string) => void }): React.ReactElement {
  return (
    // biome-ignore lint/a11y: see above; screen readers have the button.
    <div
      className="mc-cal-slots"
      onClick={({ currentTarget, clientY }) => {
        const minutes = (clientY - currentTarget.getBoundingClientRect().top) / PX;
        const slot = Math.floor(minutes / SLOT_MINUTES) * SLOT_MINUTES;
        onPick(addMinutes(`${date}T00:00`, Math.min(Math.max(slot, 0), DAY_MINUTES - SLOT_MINUTES)));
      }}
    />
  );
}
