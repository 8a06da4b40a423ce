/** The form for choosing the Teams channel, with a preview of what everybody will see of it. */

import * as React from "react";
import { Dialog, FormButtons } from "../host/dialog.tsx";
import { Field } from "../host/field.tsx";
import { Picker } from "../host/picker.tsx";
import type { Comparison, Made, TeamsChannel, TeamsPlace } from "./api.ts";
import { Failure } from "./failure.tsx";
import type { Frame } from "./frame.ts";
import type { ChannelsRoom, ChannelsSay } from "./room.ts";

interface Props {
  readonly room: ChannelsRoom;
  readonly say: ChannelsSay;
  readonly channelId: string;
  readonly channelName: string;
  readonly frame: Frame;
  readonly onMade: (made: Made) => void;
}

const backfills = [0, 1, 7, 30] as const;

export function LinkForm({ channelId, channelName, frame, onMade, room, say }: Props): React.ReactElement {
  const [team, setTeam] = React.useState<TeamsPlace | null>(null);
  const [channel, setChannel] = React.useState<TeamsChannel | null>(null);
  const [days, setDays] = React.useState(0);
  const [error, setError] = React.useState<Error | null>(null);
  const [isBusy, setBusy] = React.useState(false);
  const underWay = React.useRef(false);
  const [missing, setMissing] = React.useState<"team" | "channel" | null>(null);
  /** The error of a picker: not connected, or Teams does not answer. */
  const [failed, setFailed] = React.useState<Error | null>(null);

  const found = <T,>(ask: Promise<T>): Promise<T> =>
    ask.then(
      (answer) => {
        setFailed(null);
        return answer;
      },
      (thrown: Error) => {
        setFailed(thrown);
        throw thrown;
      },
    );
  const submit = async () => {
    if (underWay.current) return;
    setError(null);
    const lacking = !team ? "team" : !channel ? "channel" : null;
    setMissing(lacking);
    if (!team || !channel) {
      document.getElementById(`mc-link-${lacking}`)?.focus();
      return;
    }
    underWay.current = true;
    setBusy(true);
    try {
      onMade(await room.api.create({ channelId, teamId: team.id, teamsChannelId: channel.id, days }));
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
      setBusy(false);
    } finally {
      underWay.current = false;
    }
  };
  const words = {
    none: say("picker.none"),
    failed: "",
    found: (count: number) => say.count("picker.found", count),
  };
  return (
    <Dialog
      {...frame}
      isBusy={isBusy}
      onSubmit={() => void submit()}
      footer={
        <>
          {error && <Failure error={error} room={room} say={say} onRetry={() => void submit()} />}
          <FormButtons
            cancel={say("cancel")}
            send={say(isBusy ? "linking" : "link")}
            isBusy={isBusy}
            onCancel={frame.onClose}
          />
        </>
      }
    >
      <p>{say("explain", { name: channelName })}</p>
      <Field
        id="mc-link-team"
        label={say("team")}
        error={missing === "team" ? say("team.missing") : undefined}
      >
        {({ id, ...described }) => (
          <Picker<TeamsPlace>
            id={id}
            label={say("team")}
            described={described}
            opensEmpty
            chosen={team?.name ?? ""}
            search={async (text) => (await found(room.api.teams(text))).map(optionOf)}
            onPick={({ value }) => {
              setTeam(value);
              setChannel(null);
              setMissing(null);
            }}
            words={words}
          />
        )}
      </Field>
      <Field
        id="mc-link-channel"
        label={say("channel")}
        error={missing === "channel" ? say("channel.missing") : undefined}
      >
        {({ id, ...described }) => (
          <Picker<TeamsChannel>
            key={team?.id ?? ""}
            id={id}
            label={say("channel")}
            described={described}
            opensEmpty
            disabled={!team}
            chosen={channel?.name ?? ""}
            search={async (text) =>
              team
                ? (await found(room.api.channels(team.id, text))).map((one) => ({
                    ...optionOf(one),
                    detail: detailOf(one, say),
                  }))
                : []
            }
            onPick={({ value }) => {
              setChannel(value);
              setMissing(null);
              setError(null);
            }}
            words={words}
          />
        )}
      </Field>
      {failed && <Failure error={failed} room={room} say={say} onRetry={() => setFailed(null)} />}
      {team && channel && (
        <Compared
          key={channel.id}
          room={room}
          say={say}
          ask={() => room.api.compare(channelId, team.id, channel.id)}
        />
      )}
      <Field id="mc-link-days" label={say("backfill")} help={say("backfill.help")}>
        {(given) => (
          <select
            {...given}
            className="mc-input"
            value={days}
            onChange={({ target }) => setDays(Number(target.value))}
          >
            {backfills.map((one) => (
              <option key={one} value={one}>
                {one === 0 ? say("backfill.none") : say.count("backfill.days", one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <p className="mc-note">{say("privacy")}</p>
    </Dialog>
  );
}

const optionOf = <T extends TeamsPlace>(value: T) => ({ key: value.id, text: value.name, value });

function detailOf({ linked, membershipType }: TeamsChannel, say: ChannelsSay): string {
  const type =
    membershipType === "private"
      ? say("type.private")
      : membershipType === "shared"
        ? say("type.shared")
        : "";
  return [type, linked ? say("type.linked") : ""].filter(Boolean).join(" · ");
}

interface ComparedProps {
  readonly room: ChannelsRoom;
  readonly say: ChannelsSay;
  readonly ask: () => Promise<Comparison>;
}

const MOST_NAMES = 12;

function Compared({ ask, room, say }: ComparedProps): React.ReactElement {
  const [state, setState] = React.useState<Comparison | Error | null>(null);
  const latest = React.useRef(ask);
  const run = React.useRef(0);
  const look = React.useCallback(() => {
    run.current += 1;
    const mine = run.current;
    setState(null);
    latest.current().then(
      (found) => mine === run.current && setState(found),
      (error: Error) => mine === run.current && setState(error),
    );
  }, []);
  React.useEffect(() => {
    look();
    return () => {
      run.current += 1;
    };
  }, [look]);
  if (state instanceof Error) return <Failure error={state} room={room} say={say} onRetry={look} />;
  return (
    <div role="status" className="mc-note">
      {state === null && say("compare.asking")}
      {state && !state.compared && say.count("compare.unknown", state.mattermost)}
      {state?.compared && (
        <>
          <p>{say("compare.sizes", { mattermost: state.mattermost, teams: state.teams })}</p>
          <OnlyThere
            text="compare.onlyTeams"
            names={state.onlyInTeams}
            count={state.onlyInTeamsCount}
            say={say}
          />
          <OnlyThere
            text="compare.onlyMattermost"
            names={state.onlyInMattermost}
            count={state.onlyInMattermostCount}
            say={say}
          />
        </>
      )}
    </div>
  );
}

interface OnlyThereProps {
  readonly text: "compare.onlyTeams" | "compare.onlyMattermost";
  readonly names: readonly string[];
  readonly count: number;
  readonly say: ChannelsSay;
}

function OnlyThere({ count, names, say, text }: OnlyThereProps): React.ReactElement | null {
  if (count === 0) return null;
  const shown = names.slice(0, MOST_NAMES);
  const more = count - shown.length;
  return (
    <p style={{ margin: "8px 0 0" }}>
      {say.count(text, count)} <bdi>{shown.join(", ")}</bdi>
      {more > 0 && ` ${say.count("compare.more", more)}`}
    </p>
  );
}
