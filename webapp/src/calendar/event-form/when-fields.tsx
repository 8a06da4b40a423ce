/** The fields for the start and end of a new event. */

import * as React from "react";
import { Group } from "../../host/field.tsx";
import type { CalendarSay } from "../room.ts";
import { type Draft, withStart } from "./draft.ts";

interface WhenProps {
  readonly draft: Draft;
  readonly setDraft: React.Dispatch<React.SetStateAction<Draft>>;
  readonly say: CalendarSay;
  readonly wrong: (name: string) => string | undefined;
}

export function When({ draft, say, setDraft, wrong }: WhenProps): React.ReactElement {
  const { allDay } = draft;
  const [start, end] = [wrong("start"), wrong("end")];
  return (
    <>
      <Group id="mc-start" label={say("form.start")} error={start}>
        <div className="mc-pair">
          <input
            className="mc-input"
            type="date"
            aria-label={say("form.startDate")}
            aria-invalid={start !== undefined}
            aria-describedby={start && "mc-start-error"}
            value={draft.startDate}
            onChange={({ target }) => setDraft((before) => withStart(before, { startDate: target.value }))}
          />
          {!allDay && (
            <input
              className="mc-input"
              type="time"
              aria-label={say("form.startTime")}
              aria-invalid={start !== undefined}
              value={draft.startTime}
              onChange={({ target }) => setDraft((before) => withStart(before, { startTime: target.value }))}
            />
          )}
          <label className="mc-check" style={{ margin: 0 }}>
            <input
              type="checkbox"
              checked={allDay}
              onChange={({ target }) => setDraft((before) => ({ ...before, allDay: target.checked }))}
            />
            {say("event.allDay")}
          </label>
        </div>
      </Group>
      <Group
        id="mc-end"
        label={say(allDay ? "form.lastDay" : "form.end")}
        error={end ?? wrong("zone")}
        help={allDay ? undefined : say("form.zone", { zone: draft.zone.replaceAll("_", " ") })}
      >
        <div className="mc-pair">
          <input
            className="mc-input"
            type="date"
            aria-label={say(allDay ? "form.lastDay" : "form.endDate")}
            aria-invalid={end !== undefined}
            aria-describedby={end && "mc-end-error"}
            min={draft.startDate}
            value={draft.endDate}
            onChange={({ target }) => setDraft((before) => ({ ...before, endDate: target.value }))}
          />
          {!allDay && (
            <input
              className="mc-input"
              type="time"
              aria-label={say("form.endTime")}
              aria-invalid={end !== undefined}
              value={draft.endTime}
              onChange={({ target }) => setDraft((before) => ({ ...before, endTime: target.value }))}
            />
          )}
        </div>
      </Group>
    </>
  );
}
