/** Suggests three times at which most people of the channel or thread are free. */

import * as React from "react";
import { Group } from "../../host/field.tsx";
import type { Times } from "../api.ts";
import { whenText } from "../dates.ts";
import { errorText } from "../error-text.ts";
import type { CalendarRoom, CalendarSay } from "../room.ts";

interface Props {
  readonly room: CalendarRoom;
  readonly say: CalendarSay;
  readonly wanted: { readonly channelId: string; readonly rootId?: string; readonly minutes: number };
  readonly onPick: (times: { readonly start: string; readonly end: string; readonly zone: string }) => void;
}

type State =
  | { readonly at: "idle" | "asking" }
  | { readonly at: "found"; readonly times: Times }
  | { readonly at: "failed"; readonly error: Error };

export function FindTime({ onPick, room, say, wanted }: Props): React.ReactElement {
  const [state, setState] = React.useState<State>({ at: "idle" });
  const here = React.useRef(true);
  React.useEffect(
    () => () => {
      here.current = false;
    },
    [],
  );
  const ask = async () => {
    if (state.at === "asking") return;
    setState({ at: "asking" });
    const next: State = await room.api.times(wanted).then(
      (times) => ({ at: "found", times }),
      (error: Error) => ({ at: "failed", error }),
    );
    if (here.current) setState(next);
  };
  const proposals = state.at === "found" ? state.times.proposals : [];
  return (
    <Group id="mc-times" label={say("times.title")} help={say("times.help")}>
      <button
        type="button"
        className="mc-button"
        aria-disabled={state.at === "asking"}
        onClick={() => void ask()}
      >
        {say(state.at === "asking" ? "times.asking" : "times.find")}
      </button>
      <div role="status">
        {state.at === "failed" && <p className="mc-error">{errorText(state.error, say)}</p>}
        {state.at === "found" && proposals.length === 0 && <p className="mc-help">{say("times.none")}</p>}
        {state.at === "found" &&
          proposals.map((one) => (
            <p key={one.start} style={{ margin: "6px 0 0" }}>
              <button
                type="button"
                className="mc-button"
                onClick={() => onPick({ start: one.start, end: one.end, zone: state.times.zone })}
              >
                {whenText({ ...one, allDay: false }, room.member(), "")}
                {" · "}
                {say("times.free", { free: one.free, known: one.known })}
              </button>
            </p>
          ))}
      </div>
    </Group>
  );
}
