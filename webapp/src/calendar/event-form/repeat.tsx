/** The fields for how a new event repeats. */

import * as React from "react";
import { Group } from "../../host/field.tsx";
import { longDate, weekdayName } from "../dates.ts";
import type { CalendarRoom, CalendarSay } from "../room.ts";
import { type Draft, type Repeat, repeats } from "./draft.ts";
import { firstDates } from "./repeat-preview.ts";

interface Props {
  readonly room: CalendarRoom;
  readonly say: CalendarSay;
  readonly draft: Draft;
  readonly error: string | undefined;
  readonly onChange: (change: Partial<Draft>) => void;
}

const LONGEST_INTERVAL = 99;
const PREVIEWED = 3;

export function RepeatFields({ draft, error, onChange, room, say }: Props): React.ReactElement {
  const { interval, repeat, until, weekdays } = draft;
  const writing = room.member();
  const first = firstDates(draft, PREVIEWED);
  const toggle = (day: number) =>
    onChange({
      weekdays: weekdays.includes(day) ? weekdays.filter((one) => one !== day) : [...weekdays, day],
    });
  return (
    <Group id="mc-repeat" label={say("form.repeat")} error={error}>
      <div className="mc-pair">
        <select
          className="mc-input"
          aria-label={say("form.repeat")}
          aria-invalid={error !== undefined}
          value={repeat}
          onChange={({ target }) => onChange({ repeat: target.value as Repeat })}
        >
          {repeats.map((one) => (
            <option key={one} value={one}>
              {say(`repeat.${one}`)}
            </option>
          ))}
        </select>
        {repeat !== "never" && (
          <label className="mc-pair">
            {say("repeat.interval")}
            <input
              className="mc-input"
              type="number"
              min={1}
              max={LONGEST_INTERVAL}
              value={interval}
              onChange={({ target }) =>
                onChange({ interval: Math.max(1, Math.trunc(target.valueAsNumber) || 1) })
              }
            />
          </label>
        )}
        {repeat !== "never" && (
          <label className="mc-pair">
            {say("repeat.until")}
            <input
              className="mc-input"
              type="date"
              min={draft.startDate}
              value={until}
              onChange={({ target }) => onChange({ until: target.value })}
            />
          </label>
        )}
      </div>
      {repeat === "weekly" && (
        <div className="mc-pair" style={{ marginTop: 8 }}>
          {[1, 2, 3, 4, 5, 6, 7].map((day) => (
            <button
              key={day}
              type="button"
              className="mc-button"
              aria-pressed={weekdays.includes(day)}
              aria-label={weekdayName(day, writing, "long")}
              onClick={() => toggle(day)}
            >
              {weekdayName(day, writing, "short")}
            </button>
          ))}
        </div>
      )}
      {first.length > 0 && (
        <p className="mc-help" role="status">
          {say("repeat.first", { dates: first.map((date) => longDate(date, writing)).join(" · ") })}
        </p>
      )}
    </Group>
  );
}
