/** The dialog for a new event. */

import * as React from "react";
import { Refusal } from "../../console/api.ts";
import { Dialog, FormButtons } from "../../host/dialog.tsx";
import { Field } from "../../host/field.tsx";
import { isRightToLeft } from "../../host/member.ts";
import { errorText } from "../error-text.ts";
import type { CalendarRoom, CalendarSay, FilledStart } from "../room.ts";
import {
  type Draft,
  type Guest,
  lengthOf,
  newDraft,
  newRequestId,
  problemsOf,
  requestOf,
  withTimes,
} from "./draft.ts";
import { fieldText } from "./field-text.ts";
import { FindTime } from "./find-time.tsx";
import type { FormChannel } from "./form-start.ts";
import { Guests } from "./guests.tsx";
import { RepeatFields } from "./repeat.tsx";
import { When } from "./when-fields.tsx";

export interface EventFormProps {
  readonly room: CalendarRoom;
  readonly say: CalendarSay;
  readonly start: FilledStart;
  /** The channel or post from which the form was opened, if any. */
  readonly channel: FormChannel | null;
  /** The thread of the post. */
  readonly rootId: string | null;
  /** Loads the people of the thread. */
  readonly suggested: () => Promise<readonly Guest[]>;
  readonly onClose: () => void;
}

export function EventForm(props: EventFormProps): React.ReactElement {
  const { channel, onClose, room, rootId, say, start } = props;
  const [draft, setDraft] = React.useState<Draft>(() => newDraft({ ...start, requestId: newRequestId() }));
  const [problems, setProblems] = React.useState<Readonly<Record<string, string>>>({});
  const [error, setError] = React.useState<Error | null>(null);
  const [isBusy, setBusy] = React.useState(false);
  const [notInvited, setNotInvited] = React.useState<readonly string[]>([]);
  const suggested = useSuggested(props.suggested);
  // A second press may come before the first has been rendered.
  const underWay = React.useRef(false);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const wrong = (name: string) => (problems[name] === undefined ? undefined : fieldText(problems[name], say));
  const body = React.useRef<HTMLDivElement>(null);

  React.useEffect(() => {
    if (Object.keys(problems).length > 0)
      body.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problems]);
  const submit = async () => {
    if (underWay.current || notInvited.length > 0) return;
    setError(null);
    const found = problemsOf(draft);
    if (Object.keys(found).length > 0) return setProblems(found);
    underWay.current = true;
    setProblems({});
    setBusy(true);
    try {
      const made = await room.api.create(requestOf(draft));
      void room.calendar.refresh();
      const left = (made.notInvited ?? []).flatMap(
        (id) => draft.guests.find(({ value }) => value === id)?.name ?? [],
      );
      if (left.length === 0) return onClose();
      setNotInvited(left);
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown : new Error(String(thrown));
      setError(failure);
      if (failure instanceof Refusal && Object.keys(failure.errors).length > 0) setProblems(failure.errors);
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  };

  const isMade = notInvited.length > 0;
  return (
    <Dialog
      title={say("form.title")}
      close={say("close")}
      rightToLeft={isRightToLeft(room.member().language)}
      isBusy={isBusy}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        isMade ? (
          <button type="button" className="mc-button mc-button-primary" onClick={onClose}>
            {say("close")}
          </button>
        ) : (
          <>
            {error && (
              <p role="alert" className="mc-error">
                {errorText(error, say)}
              </p>
            )}
            <FormButtons
              cancel={say("cancel")}
              send={say(isBusy ? "form.creating" : "form.create")}
              isBusy={isBusy}
              onCancel={onClose}
            />
          </>
        )
      }
    >
      {isMade ? (
        <p role="alert">{say("form.notInvited", { names: notInvited.join(", ") })}</p>
      ) : (
        <div ref={body}>
          <Field id="mc-subject" label={say("form.subject")} error={wrong("subject")}>
            {(given) => (
              <input
                {...given}
                data-first=""
                className="mc-input"
                type="text"
                dir="auto"
                aria-required="true"
                value={draft.subject}
                onChange={({ target }) => change({ subject: target.value })}
              />
            )}
          </Field>
          <When draft={draft} setDraft={setDraft} say={say} wrong={wrong} />
          {channel && (
            <FindTime
              room={room}
              say={say}
              wanted={{
                channelId: channel.id,
                ...(rootId ? { rootId } : {}),
                minutes: Math.min(Math.max(lengthOf(draft), 5), 480),
              }}
              onPick={({ end, start: from, zone }) =>
                setDraft((before) => ({ ...withTimes(before, from, end), zone }))
              }
            />
          )}
          <Guests
            room={room}
            say={say}
            guests={draft.guests}
            error={wrong("attendees")}
            suggested={suggested}
            onChange={(guests) => change({ guests })}
          />
          <Field id="mc-location" label={say("form.location")} error={wrong("location")}>
            {(given) => (
              <input
                {...given}
                className="mc-input"
                type="text"
                dir="auto"
                value={draft.location}
                onChange={({ target }) => change({ location: target.value })}
              />
            )}
          </Field>
          <label className="mc-check">
            <input
              type="checkbox"
              checked={draft.onlineMeeting}
              onChange={({ target }) => change({ onlineMeeting: target.checked })}
            />
            {say("form.teamsMeeting")}
          </label>
          {channel?.mayLink && (
            <label className="mc-check">
              <input
                type="checkbox"
                checked={draft.channelId !== null}
                onChange={({ target }) => change({ channelId: target.checked ? channel.id : null })}
              />
              {say("form.linkChannel", { channel: channel.name })}
            </label>
          )}
          {wrong("channelId") && <p className="mc-error">{wrong("channelId")}</p>}
          <RepeatFields room={room} say={say} draft={draft} error={wrong("recurrence")} onChange={change} />
          <Field id="mc-description" label={say("form.description")} error={wrong("description")}>
            {(given) => (
              <textarea
                {...given}
                className="mc-input"
                rows={4}
                dir="auto"
                value={draft.description}
                onChange={({ target }) => change({ description: target.value })}
              />
            )}
          </Field>
        </div>
      )}
    </Dialog>
  );
}

function useSuggested(load: () => Promise<readonly Guest[]>): readonly Guest[] {
  const [guests, setGuests] = React.useState<readonly Guest[]>([]);
  const first = React.useRef(load);
  React.useEffect(() => {
    let here = true;
    first.current().then(
      (found) => {
        if (here) setGuests(found);
      },
      () => {
        // Without suggestions the form is still complete.
      },
    );
    return () => {
      here = false;
    };
  }, []);
  return guests;
}
