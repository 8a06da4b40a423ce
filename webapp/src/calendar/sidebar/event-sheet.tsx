/** Shows one event: its details, how to join, and the person's answer. */

import * as React from "react";
import { Refusal } from "../../console/api.ts";
import type { Answer, AnswerRequest, CalendarEvent } from "../api.ts";
import { dateOf, timeOf, whenText } from "../dates.ts";
import { errorText } from "../error-text.ts";
import { fieldText } from "../event-form/field-text.ts";
import type { CalendarRoom, CalendarSay } from "../room.ts";
import { stateWord, subjectOf } from "./look.ts";

interface Props {
  readonly room: CalendarRoom;
  readonly say: CalendarSay;
  readonly event: CalendarEvent;
  readonly onClose: () => void;
  readonly onAnswered: (event: CalendarEvent) => void;
}

const answers = ["accept", "tentative", "decline"] as const satisfies readonly Answer[];
const MOST_GUESTS = 8;

export function EventSheet({ event, onAnswered, onClose, room, say }: Props): React.ReactElement {
  const heading = React.useRef<HTMLHeadingElement>(null);
  React.useEffect(() => heading.current?.focus(), []);
  const state = stateWord(event);
  const facts: readonly (readonly [label: string, text: string])[] = [
    [say("sheet.when"), whenText(event, room.member(), say("event.allDay"))],
    [say("sheet.where"), event.location],
    [say("sheet.organizer"), event.isOrganizer ? say("sheet.you") : (event.organizer?.name ?? "")],
    [say("sheet.guests"), guestText(event, say)],
    [say("sheet.answer"), state ? say(state) : ""],
  ];
  return (
    <div
      role="dialog"
      className="mc-cal-sheet"
      aria-labelledby="mc-cal-sheet-title"
      onKeyDown={(pressed) => {
        if (pressed.key !== "Escape") return;
        pressed.stopPropagation();
        onClose();
      }}
    >
      <header>
        <h4 id="mc-cal-sheet-title" ref={heading} tabIndex={-1} dir="auto">
          {subjectOf(event, say)}
        </h4>
        <button type="button" className="mc-icon-button" aria-label={say("close")} onClick={onClose}>
          <span aria-hidden="true">×</span>
        </button>
      </header>
      <dl>
        {facts.map(([label, text]) =>
          text === "" ? null : (
            <React.Fragment key={label}>
              <dt>{label}</dt>
              <dd dir="auto">{text}</dd>
            </React.Fragment>
          ),
        )}
      </dl>
      <div className="mc-pair">
        {event.joinUrl && !event.cancelled && (
          <a
            className="mc-button mc-button-primary"
            href={event.joinUrl}
            target="_blank"
            rel="noopener noreferrer"
          >
            {say("sheet.join")}
          </a>
        )}
        {event.webLink && (
          <a className="mc-button" href={event.webLink} target="_blank" rel="noopener noreferrer">
            {say("sheet.outlook")}
          </a>
        )}
      </div>
      {event.answerable && <Answers event={event} room={room} say={say} onAnswered={onAnswered} />}
    </div>
  );
}

function guestText({ attendees }: CalendarEvent, say: CalendarSay): string {
  if (attendees.length === 0) return "";
  const names = attendees.slice(0, MOST_GUESTS).map(({ address, name }) => name || address);
  const more = attendees.length - names.length;
  return more > 0 ? `${names.join(", ")} ${say.count("sheet.more", more)}` : names.join(", ");
}

function Answers({ event, onAnswered, room, say }: Omit<Props, "onClose">): React.ReactElement {
  const [isBusy, setBusy] = React.useState(false);
  const [error, setError] = React.useState<Error | null>(null);
  const [hasMore, setMore] = React.useState(false);
  const [comment, setComment] = React.useState("");
  const [isSeries, setSeries] = React.useState(false);
  const [proposed, setProposed] = React.useState({ date: "", from: "", to: "" });
  const here = React.useRef(true);
  React.useEffect(
    () => () => {
      here.current = false;
    },
    [],
  );

  const send = async (answer: Answer) => {
    if (isBusy) return;
    setBusy(true);
    setError(null);
    const { date, from, to } = proposed;
    const proposes = hasMore && answer !== "accept" && date !== "" && from !== "" && to !== "";
    const request: AnswerRequest = {
      answer,
      ...(hasMore && comment.trim() !== "" ? { comment: comment.trim() } : {}),
      ...(proposes
        ? { proposedStart: `${date}T${from}`, proposedEnd: `${date}T${to}`, zone: event.zone }
        : {}),
      ...(isSeries ? { series: true } : {}),
    };
    try {
      const answered = await room.calendar.answer(event.id, request);
      onAnswered({ ...event, answer: answered.answer ?? answer });
    } catch (thrown) {
      if (here.current) setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
    if (here.current) setBusy(false);
  };
  const fields = error instanceof Refusal ? Object.values(error.errors) : [];

  return (
    <fieldset className="mc-form-field" aria-busy={isBusy}>
      <legend>{say("sheet.yourAnswer")}</legend>
      <div className="mc-pair">
        {answers.map((answer) => (
          <button
            key={answer}
            type="button"
            className="mc-button"
            aria-pressed={event.answer === answer}
            // Not `disabled`, so that the focus stays.
            aria-disabled={isBusy}
            onClick={() => void send(answer)}
          >
            {say(`answer.${answer}`)}
          </button>
        ))}
        <button type="button" className="mc-button" aria-expanded={hasMore} onClick={() => setMore(!hasMore)}>
          {say("answer.more")}
        </button>
      </div>
      {hasMore && (
        <>
          {event.seriesMasterId && (
            <label className="mc-check">
              <input type="checkbox" checked={isSeries} onChange={() => setSeries(!isSeries)} />
              {say("answer.series")}
            </label>
          )}
          <label className="mc-form-field">
            {say("answer.comment")}
            <textarea
              className="mc-input"
              rows={2}
              maxLength={4000}
              value={comment}
              onChange={({ target }) => setComment(target.value)}
            />
          </label>
          {event.proposalsAllowed && !event.allDay && (
            <fieldset className="mc-form-field">
              <legend>{say("answer.propose")}</legend>
              <div className="mc-pair">
                <input
                  className="mc-input"
                  type="date"
                  aria-label={say("form.date")}
                  value={proposed.date}
                  onFocus={() => {
                    if (proposed.date === "")
                      setProposed({
                        date: dateOf(event.start),
                        from: timeOf(event.start),
                        to: timeOf(event.end),
                      });
                  }}
                  onChange={({ target }) => setProposed({ ...proposed, date: target.value })}
                />
                <input
                  className="mc-input"
                  type="time"
                  aria-label={say("form.start")}
                  value={proposed.from}
                  onChange={({ target }) => setProposed({ ...proposed, from: target.value })}
                />
                <input
                  className="mc-input"
                  type="time"
                  aria-label={say("form.end")}
                  value={proposed.to}
                  onChange={({ target }) => setProposed({ ...proposed, to: target.value })}
                />
              </div>
              <p className="mc-help">{say("answer.proposeHelp")}</p>
            </fieldset>
          )}
        </>
      )}
      {error && (
        <p className="mc-error" role="alert">
          {[errorText(error, say), ...fields.map((code) => fieldText(code, say))].join(" ")}
        </p>
      )}
    </fieldset>
  );
}
