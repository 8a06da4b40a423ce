/** The calendar in the right-hand sidebar: a day or a week, updated live. */

import * as React from "react";
import { isRightToLeft } from "../../host/member.ts";
import { styles } from "../../host/styles.ts";
import { useSubject } from "../../host/subject.ts";
import { colorScheme } from "../../host/theme.ts";
import { announcement } from "../announce.ts";
import type { CalendarEvent } from "../api.ts";
import { addDays, dateOf, dateRange, longDate, wallNow, weekOf } from "../dates.ts";
import type { CalendarRoom, CalendarSay } from "../room.ts";
import { Agenda } from "./agenda.tsx";
import { EventSheet } from "./event-sheet.tsx";
import { Grid } from "./grid.tsx";
import { subjectOf } from "./look.ts";
import { CalendarState } from "./sidebar-state.tsx";
import { sidebarStyles } from "./sidebar-styles.ts";

type View = "day" | "week";
/** From this width on a week is shown in columns of 80 px or more; in a narrower sidebar it is a list. */
const WIDE_PX = 640;
const TICK_MS = 20_000;
/**
 * Reads again at this interval, for people without a subscription at Microsoft: those who use no other part of the
 * calendar.
 */
const READ_AGAIN_MS = 5 * 60_000;

export function Sidebar({ room, say }: { room: CalendarRoom; say: CalendarSay }): React.ReactElement {
  const { calendar, now } = room;
  const known = useSubject(calendar.state);
  const member = room.member();
  const wall = useWall(now, known.zone);
  const today = dateOf(wall);
  const [view, setView] = React.useState<View>("day");
  const [chosen, setChosen] = React.useState<string | null>(null);
  const date = chosen ?? today;
  const [openId, setOpenId] = React.useState<string | null>(null);
  const [said, setSaid] = React.useState("");
  const place = React.useRef<HTMLElement>(null);
  const isWide = useIsWide(place);
  const week = weekOf(date, member.locale);
  const days = view === "day" ? [date] : week;
  const [first = date, last = date] = [week[0], week[6]];

  React.useEffect(() => calendar.show(first, last), [calendar, first, last]);
  React.useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") calendar.refreshOld();
    }, READ_AGAIN_MS);
    return () => clearInterval(timer);
  }, [calendar]);
  React.useEffect(() => {
    if (known.news) setSaid(announcement(known.news, member, say));
  }, [known.news, member, say]);

  const title =
    view === "day"
      ? `${date === today ? `${say("bar.todayTitle")}, ` : ""}${longDate(date, member)}`
      : dateRange(first, last, member);
  const go = (to: string | null) => {
    setChosen(to);
    setOpenId(null);
  };
  const step = (direction: 1 | -1) => go(addDays(date, direction * (view === "day" ? 1 : 7)));
  const open = known.events.find(({ id }) => id === openId);
  const close = () => {
    setOpenId(null);
    const button = [...(place.current?.querySelectorAll<HTMLElement>("[data-event]") ?? [])].find(
      (one) => one.dataset.event === openId,
    );
    button?.focus();
  };
  const view_ = {
    room,
    say,
    known,
    days,
    today,
    wall,
    onOpen: ({ id }: CalendarEvent) => setOpenId(id),
    step,
  };

  return (
    <section
      ref={place}
      className="mc-cal mc-member"
      aria-label={say("title")}
      aria-busy={known.isReading}
      dir={isRightToLeft(member.language) ? "rtl" : "ltr"}
      style={{ colorScheme: colorScheme() }}
    >
      <style>{styles + sidebarStyles}</style>
      <div className="mc-cal-bar">
        <h3 aria-live="polite">{title}</h3>
        <button
          type="button"
          className="mc-icon-button"
          aria-label={say(`bar.previous.${view}`)}
          onClick={() => step(-1)}
        >
          <Arrow back />
        </button>
        <button
          type="button"
          className="mc-button"
          aria-label={`${say("bar.today")}, ${longDate(today, member)}`}
          onClick={() => go(null)}
        >
          {say("bar.today")}
        </button>
        <button
          type="button"
          className="mc-icon-button"
          aria-label={say(`bar.next.${view}`)}
          onClick={() => step(1)}
        >
          <Arrow />
        </button>
        <span className="mc-cal-fill" />
        {(["day", "week"] as const).map((one) => (
          <button
            key={one}
            type="button"
            className="mc-button"
            aria-pressed={view === one}
            onClick={() => {
              setView(one);
              setOpenId(null);
            }}
          >
            {say(`bar.${one}`)}
          </button>
        ))}
        <button
          type="button"
          className="mc-button mc-button-primary"
          disabled={known.at === "not_connected"}
          onClick={() => room.form.set(date === today ? {} : { wall: `${date}T09:00` })}
        >
          {say("bar.new")}
        </button>
      </div>
      <p role="status" className="mc-unseen">
        {said}
      </p>
      {known.at !== "ready" ? (
        <CalendarState room={room} say={say} known={known} />
      ) : (
        <>
          {known.error && (
            <p className="mc-note" role="alert">
              {say("state.stale")}{" "}
              <button type="button" className="mc-button" onClick={() => void calendar.refresh()}>
                {say("retry")}
              </button>
            </p>
          )}
          {view === "week" && !isWide ? <Agenda {...view_} /> : <Grid {...view_} />}
        </>
      )}
      {open && (
        <EventSheet
          key={open.id}
          room={room}
          say={say}
          event={open}
          onClose={close}
          onAnswered={(event) =>
            setSaid(`${subjectOf(event, say)}: ${say(`state.${event.answer ?? "unanswered"}`)}`)
          }
        />
      )}
    </section>
  );
}

/** Drawn as SVG, so that the style can mirror it on a right-to-left page. */
function Arrow({ back = false }: { back?: boolean }): React.ReactElement {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      aria-hidden="true"
    >
      <path d={back ? "M10 3 5 8l5 5" : "M6 3l5 5-5 5"} />
    </svg>
  );
}

/** The person's wall-clock time, to the minute. */
function useWall(now: () => number, zone: string): string {
  const [wall, setWall] = React.useState(() => wallNow(now(), zone));
  React.useEffect(() => {
    const look = () => setWall(wallNow(now(), zone));
    look();
    const timer = setInterval(look, TICK_MS);
    return () => clearInterval(timer);
  }, [now, zone]);
  return wall;
}

function useIsWide(place: React.RefObject<HTMLElement | null>): boolean {
  const [isWide, setWide] = React.useState(false);
  React.useEffect(() => {
    const { current } = place;
    if (!current) return;
    const observer = new ResizeObserver(() => setWide(current.clientWidth >= WIDE_PX));
    observer.observe(current);
    return () => observer.disconnect();
  }, [place]);
  return isWide;
}
