/** The dialog of a channel's link: creates, shows and removes it. */

import * as React from "react";
import { Dialog } from "../host/dialog.tsx";
import { isRightToLeft } from "../host/member.ts";
import type { LinkState, Made } from "./api.ts";
import { Failure } from "./failure.tsx";
import type { Frame } from "./frame.ts";
import { LinkForm } from "./link-form.tsx";
import type { ChannelsRoom, ChannelsSay, Word } from "./room.ts";

export interface LinkDialogProps {
  readonly room: ChannelsRoom;
  readonly say: ChannelsSay;
  readonly channelId: string;
  readonly onClose: () => void;
}

type State =
  | { readonly at: "loading" }
  | { readonly at: "failed"; readonly error: Error }
  | { readonly at: "known"; readonly link: LinkState }
  | { readonly at: "made"; readonly made: Made }
  | { readonly at: "ended" };

export function LinkDialog({ channelId, onClose, room, say }: LinkDialogProps): React.ReactElement {
  const [state, setState] = React.useState<State>({ at: "loading" });
  const here = React.useRef(true);
  React.useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const load = React.useCallback(async () => {
    setState({ at: "loading" });
    const next: State = await room.api.link(channelId).then(
      (link) => ({ at: "known", link }),
      (error: Error) => ({ at: "failed", error }),
    );
    if (here.current) setState(next);
  }, [channelId, room]);
  React.useEffect(() => void load(), [load]);
  const done = (next: State) => {
    void room.links.changed(channelId);
    setState(next);
  };
  const name = room.store.getState().entities?.channels?.channels?.[channelId]?.display_name ?? "";
  const frame = {
    title: say("title"),
    close: say("close"),
    rightToLeft: isRightToLeft(room.member().language),
    onClose,
  };
  if (state.at === "known" && !state.link.linked && state.link.mayManage)
    return (
      <LinkForm
        {...{ room, say, channelId, frame }}
        channelName={name}
        onMade={(made) => done({ at: "made", made })}
      />
    );
  if (state.at === "known" && state.link.linked)
    return (
      <Linked {...{ room, say, channelId, frame }} link={state.link} onEnded={() => done({ at: "ended" })} />
    );
  return (
    <Dialog
      {...frame}
      footer={
        <button type="button" data-first="" className="mc-button mc-button-primary" onClick={onClose}>
          {say("close")}
        </button>
      }
    >
      {state.at === "loading" && <p role="status">{say("loading")}</p>}
      {state.at === "failed" && (
        <Failure error={state.error} room={room} say={say} onRetry={() => void load()} />
      )}
      {state.at === "known" && <p role="alert">{reasonText(state.link, say)}</p>}
      {state.at === "made" && (
        <div role="status">
          <p>{say("made", { team: state.made.team, channel: state.made.channel })}</p>
          {state.made.warning && <p className="mc-note">{state.made.warning.replaceAll("**", "")}</p>}
        </div>
      )}
      {state.at === "ended" && <p role="status">{say("ended")}</p>}
    </Dialog>
  );
}

const reasons: Readonly<Record<string, Word>> = {
  direct_channel: "reason.direct",
  guest: "reason.guest",
  not_channel_admin: "reason.notAdmin",
};
const reasonText = ({ reason = "" }: LinkState, say: ChannelsSay): string =>
  say(reasons[reason] ?? "error.notFound");

const pauses: Readonly<Record<string, Word>> = {
  mattermost_archived: "paused.mattermostArchived",
  teams_archived: "paused.teamsArchived",
  teams_gone: "paused.teamsGone",
  permission_missing: "paused.permission",
  tenant_changed: "paused.tenant",
};

interface LinkedProps extends Omit<LinkDialogProps, "onClose"> {
  readonly link: LinkState;
  readonly frame: Frame;
  readonly onEnded: () => void;
}

function Linked({ channelId, frame, link, onEnded, room, say }: LinkedProps): React.ReactElement {
  const [isAsked, setAsked] = React.useState(false);
  const [isBusy, setBusy] = React.useState(false);
  const [error, setError] = React.useState<Error | null>(null);
  const { channel = "", paused, since, team = "" } = link;
  const { locale } = room.member();
  const end = async () => {
    if (isBusy) return;
    setBusy(true);
    setError(null);
    try {
      await room.api.remove(channelId);
      onEnded();
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
      setBusy(false);
    }
  };
  const close = (
    <button key="close" type="button" data-first="" className="mc-button" onClick={frame.onClose}>
      {say("close")}
    </button>
  );
  return (
    <Dialog
      {...frame}
      isBusy={isBusy}
      footer={
        !link.mayManage ? (
          close
        ) : isAsked ? (
          <>
            <p role="alert">{say("unlink.ask")}</p>
            <button key="keep" type="button" className="mc-button" onClick={() => setAsked(false)}>
              {say("unlink.keep")}
            </button>
            <Focused onClick={() => void end()} isBusy={isBusy}>
              {say("unlink.sure")}
            </Focused>
          </>
        ) : (
          <>
            {close}
            <button type="button" className="mc-button" onClick={() => setAsked(true)}>
              {say("unlink")}
            </button>
          </>
        )
      }
    >
      <p>{say("linkedTo", { team, channel })}</p>
      {since !== undefined && (
        <p className="mc-help">
          {say("since", { date: new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(since) })}
        </p>
      )}
      {paused && <p className="mc-note">{say(pauses[paused] ?? "paused.other")}</p>}
      {error && <Failure error={error} room={room} say={say} onRetry={() => void end()} />}
    </Dialog>
  );
}

/** A button that takes the place of the one that was pressed, and its focus. */
function Focused(props: {
  readonly onClick: () => void;
  readonly isBusy: boolean;
  readonly children: React.ReactNode;
}) {
  const button = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => button.current?.focus(), []);
  return (
    <button
      ref={button}
      type="button"
      className="mc-button mc-button-danger"
      aria-disabled={props.isBusy}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}
