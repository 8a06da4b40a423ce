/** The guests of a new event: Mattermost users by search, anybody else by e-mail address. */

import * as React from "react";
import { Group } from "../../host/field.tsx";
import { Picker } from "../../host/picker.tsx";
import type { Attendee } from "../api.ts";
import type { CalendarRoom, CalendarSay } from "../room.ts";
import type { Guest } from "./draft.ts";

interface Props {
  readonly room: CalendarRoom;
  readonly say: CalendarSay;
  readonly guests: readonly Guest[];
  readonly error: string | undefined;
  /** The people of the thread, if any. */
  readonly suggested: readonly Guest[];
  readonly onChange: (guests: readonly Guest[]) => void;
}

/** The server checks the rest. */
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

export function Guests({ error, guests, onChange, room, say, suggested }: Props): React.ReactElement {
  const [said, setSaid] = React.useState("");
  const has = (value: string) => guests.some((one) => one.value.toLowerCase() === value.toLowerCase());
  const add = (...more: readonly Guest[]) => {
    onChange([...guests, ...more.filter(({ value }) => !has(value))]);
    setSaid(more.map(({ name }) => say("guests.added", { name })).join(" "));
  };
  const remove = (guest: Guest) => {
    onChange(guests.filter(({ value }) => value !== guest.value));
    setSaid(say("guests.removed", { name: guest.name }));
    document.getElementById("mc-guests")?.focus();
  };
  const open = suggested.filter(({ value }) => !has(value));
  return (
    <Group id="mc-guests-group" label={say("form.guests")} help={say("form.guestsHelp")} error={error}>
      {guests.length > 0 && (
        <ul className="mc-chips" aria-label={say("form.guests")}>
          {guests.map((guest) => (
            <li key={guest.value}>
              <span dir="auto">{guest.name}</span>
              {!guest.connected && <small> ({say("guests.notConnected")})</small>}
              <button
                type="button"
                className="mc-icon-button"
                aria-label={say("guests.remove", { name: guest.name })}
                onClick={() => remove(guest)}
              >
                <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <label htmlFor="mc-guests" className="mc-unseen">
        {say("guests.search")}
      </label>
      <Picker<Attendee>
        id="mc-guests"
        label={say("guests.search")}
        search={async (text) =>
          (await room.api.attendees(text))
            .filter(({ userId }) => !has(userId))
            .map((one) => ({
              key: one.userId,
              text: one.name || one.username,
              detail: `@${one.username}${one.connected ? "" : ` · ${say("guests.notConnected")}`}`,
              value: one,
            }))
        }
        onPick={({ text, value }) => add({ value: value.userId, name: text, connected: value.connected })}
        onText={(text) => {
          if (!ADDRESS.test(text)) return false;
          add({ value: text, name: text, connected: true });
          return true;
        }}
        words={{
          none: say("guests.none"),
          failed: say("error.unreachable"),
          found: (count) => say.count("guests.found", count),
        }}
        described={{
          "aria-invalid": error !== undefined,
          "aria-describedby": error === undefined ? undefined : "mc-guests-group-error",
        }}
      />
      {open.length > 0 && (
        <p className="mc-help">
          {say("guests.thread")}{" "}
          {open.map((guest) => (
            <button
              key={guest.value}
              type="button"
              className="mc-button"
              aria-label={say("guests.add", { name: guest.name })}
              onClick={() => add(guest)}
            >
              + {guest.name}
            </button>
          ))}{" "}
          {open.length > 1 && (
            <button type="button" className="mc-button" onClick={() => add(...open)}>
              {say("guests.addAll")}
            </button>
          )}
        </p>
      )}
      <p role="status" className="mc-unseen">
        {said}
      </p>
    </Group>
  );
}
