/** A simple Outlook day of a person for the sandbox, where meetings can be made, moved and cancelled. */

import React, { type FormEvent, useState } from "react";
import { createRoot } from "react-dom/client";
import { Author } from "./messages.tsx";
import { ask, me, useShown } from "./stage.ts";

interface Meeting {
  readonly id: string;
  readonly subject: string;
  readonly from: number;
  readonly to: number;
  readonly isAllDay: boolean;
  readonly isCancelled: boolean;
  readonly isOrganizer: boolean;
  readonly response: string;
}
interface Owner {
  readonly id: string;
  readonly name: string;
  readonly upn: string;
  readonly events: readonly Meeting[];
}

const clock = (at: number) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

const RESPONSES: Readonly<Record<string, string>> = {
  organizer: "organizer",
  accepted: "accepted",
  tentativelyAccepted: "tentative",
  declined: "declined",
};

function Window() {
  const { act, problem, value } = useShown<readonly Owner[]>("/calendar/all");
  const [chosen, setChosen] = useState(me);
  const owner = value?.find(({ id }) => id === chosen) ?? value?.[0];
  if (!value || !owner) return null;
  const on = ({ id }: Meeting) => ({ upn: owner.upn, id });
  return (
    <main className="day">
      <section aria-label="Day">
        <h1>Calendar</h1>
        <Author people={value} chosen={owner.id} onChoose={setChosen} />
        {problem && <p role="alert">{problem}</p>}
        <ol>
          {owner.events.map((event) => (
            <li key={event.id} data-cancelled={event.isCancelled}>
              <strong>{event.subject}</strong>
              <p>
                {event.isAllDay ? "All day" : `${clock(event.from)} – ${clock(event.to)}`} ·{" "}
                {event.isCancelled ? "cancelled" : (RESPONSES[event.response] ?? "not answered")}
              </p>
              {event.isOrganizer && !event.isCancelled && (
                <span className="levers">
                  <button
                    type="button"
                    onClick={() => act(ask("/calendar/move", { ...on(event), startsIn: 0 }))}
                  >
                    Begin now
                  </button>
                  <button
                    type="button"
                    onClick={() => act(ask("/calendar/move", { ...on(event), startsIn: 60 }))}
                  >
                    In an hour
                  </button>
                  <button type="button" onClick={() => act(ask("/calendar/cancel", on(event)))}>
                    Cancel
                  </button>
                </span>
              )}
            </li>
          ))}
        </ol>
        <NewMeeting
          people={value.filter(({ id }) => id !== owner.id)}
          onMade={(meeting) => act(ask("/calendar/meet", { upn: owner.upn, ...meeting }))}
        />
      </section>
    </main>
  );
}

function NewMeeting({
  onMade,
  people,
}: {
  readonly people: readonly Owner[];
  onMade(meeting: object): void;
}) {
  const [subject, setSubject] = useState("");
  const [guests, setGuests] = useState<readonly string[]>([]);
  const [startsIn, setStartsIn] = useState(5);
  const make = (event: FormEvent) => {
    event.preventDefault();
    onMade({ guests, startsIn, minutes: 30, part: { subject: subject === "" ? "Meeting" : subject } });
    setSubject("");
  };
  return (
    <form className="meeting" onSubmit={make}>
      <input
        aria-label="Subject"
        placeholder="Subject"
        value={subject}
        onChange={({ target }) => setSubject(target.value)}
      />
      <label>
        In{" "}
        <input
          type="number"
          aria-label="Minutes from now"
          value={startsIn}
          onChange={({ target }) => setStartsIn(Number(target.value))}
        />{" "}
        minutes
      </label>
      {people.map(({ id, name, upn }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={guests.includes(upn)}
            onChange={({ target }) =>
              setGuests(target.checked ? [...guests, upn] : guests.filter((each) => each !== upn))
            }
          />{" "}
          {name}
        </label>
      ))}
      <button type="submit">Invite</button>
    </form>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Window />);
