/** The calendar's part of the person's settings. Each choice is saved at once, as in the bot's own panel. */

import * as React from "react";
import { Refusal } from "../console/api.ts";
import { Group } from "../host/field.tsx";
import { isRightToLeft } from "../host/member.ts";
import { styles } from "../host/styles.ts";
import { colorScheme } from "../host/theme.ts";
import { useSettings } from "../host/use-settings.ts";
import { weekdayName } from "./dates.ts";
import { errorText } from "./error-text.ts";
import type { CalendarRoom, CalendarSay } from "./room.ts";
import { busyValues, type CalendarSettings, changed, type SettingsChange } from "./settings.ts";

const EVENTS = ["calendar_settings", "connected", "disconnected"];
const statuses = ["off", "away", "dnd"] as const;
const leads = [1, 5, 10, 15, 30, 60];

export function SettingsPanel({ room, say }: { room: CalendarRoom; say: CalendarSay }): React.ReactElement {
  const { language } = room.member();
  const { api, registry } = room;
  const { change, load, saved, state } = useSettings({ api, apply: changed, registry, events: EVENTS });
  return (
    <div
      className="mc-member"
      dir={isRightToLeft(language) ? "rtl" : "ltr"}
      style={{ colorScheme: colorScheme() }}
    >
      <style>{styles}</style>
      {state.at === "loading" && <p role="status">{say("loading")}</p>}
      {state.at === "failed" && (
        <div role="alert">
          <p>{errorText(state.error, say)}</p>
          {state.error instanceof Refusal && state.error.status === 409 ? (
            <room.ConnectPrompt />
          ) : (
            <button type="button" className="mc-button" onClick={() => void load()}>
              {say("retry")}
            </button>
          )}
        </div>
      )}
      {state.at === "ready" && <Choices settings={state.settings} change={change} room={room} say={say} />}
      {/* Has a fixed height, so that nothing moves between press and release. */}
      <p role="status" className="mc-help mc-saved">
        {saved === "saved" && say("settings.saved")}
        {saved !== null && saved !== "saved" && `${say("settings.failed")} ${errorText(saved.error, say)}`}
      </p>
    </div>
  );
}

interface ChoicesProps {
  readonly settings: CalendarSettings;
  readonly change: (part: SettingsChange) => Promise<void>;
  readonly room: CalendarRoom;
  readonly say: CalendarSay;
}

function Choices({ change, room, say, settings }: ChoicesProps): React.ReactElement {
  const writing = room.member();
  const { busyShowAs, leadMinutes, status, summary, zone } = settings;
  const check = (label: string, checked: boolean, part: SettingsChange, disabled = false) => (
    <label className="mc-check">
      <input type="checkbox" checked={checked} disabled={disabled} onChange={() => void change(part)} />
      {label}
    </label>
  );
  const without = <T,>(all: readonly T[], one: T): T[] =>
    all.includes(one) ? all.filter((each) => each !== one) : [...all, one];
  const isOff = status === "off" && !settings.customStatus;
  return (
    <>
      <Group id="mc-cal-status" label={say("settings.status")}>
        {statuses.map((one) => (
          <label key={one} className="mc-check">
            <input
              type="radio"
              name="mc-cal-status"
              checked={status === one}
              onChange={() => void change({ status: one })}
            />
            {say(`settings.status.${one}`)}
          </label>
        ))}
        {check(say("settings.confirm"), settings.confirm, { confirm: !settings.confirm }, status === "off")}
        {check(say("settings.customStatus"), settings.customStatus, { customStatus: !settings.customStatus })}
      </Group>
      <Group id="mc-cal-busy" label={say("settings.busy")}>
        {busyValues.map((value) => (
          <React.Fragment key={value}>
            {check(
              say(`settings.busy.${value}`),
              busyShowAs.includes(value),
              { busyShowAs: without(busyShowAs, value) },
              isOff,
            )}
          </React.Fragment>
        ))}
        {check(say("settings.allDayBusy"), settings.allDayBusy, { allDayBusy: !settings.allDayBusy }, isOff)}
        {check(
          say("settings.needAttendee"),
          settings.needAttendee,
          { needAttendee: !settings.needAttendee },
          isOff,
        )}
        {check(
          say("settings.focusBlocks"),
          settings.focusBlocks ?? false,
          { focusBlocks: !settings.focusBlocks },
          isOff || !settings.needAttendee,
        )}
        {check(
          say("settings.workingHoursOnly"),
          settings.workingHoursOnly ?? false,
          { workingHoursOnly: !settings.workingHoursOnly },
          isOff,
        )}
      </Group>
      <Group id="mc-cal-notices" label={say("settings.notices")}>
        {check(say("settings.notifications"), settings.notifications, {
          notifications: !settings.notifications,
        })}
        {check(say("settings.reminders"), settings.reminders, { reminders: !settings.reminders })}
        <label className="mc-pair">
          {say("settings.lead")}
          <select
            className="mc-input"
            disabled={!settings.reminders}
            value={leadMinutes}
            onChange={({ target }) =>
              void change({ leadMinutes: target.value === "outlook" ? "outlook" : Number(target.value) })
            }
          >
            {[...new Set([...leads, ...(leadMinutes === "outlook" ? [] : [leadMinutes])])]
              .sort((a, b) => a - b)
              .map((minutes) => (
                <option key={minutes} value={minutes}>
                  {say.count("settings.lead.minutes", minutes)}
                </option>
              ))}
            <option value="outlook">{say("settings.lead.outlook")}</option>
          </select>
        </label>
      </Group>
      <Group id="mc-cal-summary" label={say("settings.summary")}>
        {check(say("settings.summary.enabled"), summary.enabled, { summary: { enabled: !summary.enabled } })}
        <label className="mc-pair">
          {say("settings.summary.time")}
          <input
            className="mc-input"
            type="time"
            disabled={!summary.enabled}
            defaultValue={summary.postTime}
            key={summary.postTime}
            onBlur={({ target }) => {
              if (target.value !== "" && target.value !== summary.postTime)
                void change({ summary: { postTime: target.value } });
            }}
          />
        </label>
        <fieldset className="mc-form-field" style={{ marginTop: 8 }} disabled={!summary.enabled}>
          <legend className="mc-unseen">{say("settings.summary.weekdays")}</legend>
          <div className="mc-pair">
            {[1, 2, 3, 4, 5, 6, 7].map((day) => (
              <button
                key={day}
                type="button"
                className="mc-button"
                aria-pressed={summary.weekdays.includes(day)}
                aria-label={weekdayName(day, writing, "long")}
                onClick={() => void change({ summary: { weekdays: without(summary.weekdays, day).sort() } })}
              >
                {weekdayName(day, writing, "short")}
              </button>
            ))}
          </div>
        </fieldset>
      </Group>
      {check(say("settings.otherCalendars"), settings.otherCalendars ?? false, {
        otherCalendars: !settings.otherCalendars,
      })}
      <Group id="mc-cal-zone" label={say("settings.zone")}>
        <select
          className="mc-input"
          aria-label={say("settings.zone")}
          value={zone}
          onChange={({ target }) => void change({ zone: target.value })}
        >
          <option value="mailbox">{say("settings.zone.mailbox")}</option>
          <option value="mattermost">{say("settings.zone.mattermost")}</option>
          {[...new Set([...(zone === "mailbox" || zone === "mattermost" ? [] : [zone]), ...zones()])].map(
            (one) => (
              <option key={one} value={one}>
                {one.replaceAll("_", " ")}
              </option>
            ),
          )}
        </select>
      </Group>
    </>
  );
}

/** The browser's list of time zones; older browsers have none, and offer only the first two choices. */
const zones = (): readonly string[] => Intl.supportedValuesOf?.("timeZone") ?? [];
