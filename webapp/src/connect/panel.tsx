/** The person's Microsoft 365 account: its state and the possible actions. Used in the settings and in the dialog. */

import * as React from "react";
import { useSubscription } from "../host/use-subscription.ts";
import type { Attempt, Connecting } from "./connecting.ts";
import { type Connection, type ConnectionStore, panelState } from "./connection.ts";
import type { Word, Words } from "./words.ts";

export interface ConnectRoom {
  readonly store: ConnectionStore;
  readonly connecting: Connecting;
  readonly words: Words;
  readonly locale: string;
}

const row = { display: "flex", flexWrap: "wrap", gap: 8, marginTop: 12 } as const;

/** The panel in the person's settings. */
export function AccountPanel({ room }: { room: ConnectRoom }): React.ReactElement | null {
  const connection = useSubscription(room.store.subscribe, room.store.current);
  const [asked, setAsked] = React.useState(false);
  const [failed, setFailed] = React.useState(false);
  const heading = React.useRef<HTMLHeadingElement>(null);
  const { words } = room;
  if (!connection) return null;
  const disconnect = async () => {
    const done = await room.store.disconnect();
    setAsked(false);
    setFailed(!done);
    // The button that had the focus is gone.
    heading.current?.focus();
  };
  const account = connection.account ?? "";
  return (
    <section data-part="connection" data-state={panelState(connection)} style={{ padding: "12px 0" }}>
      <h4
        ref={heading}
        tabIndex={-1}
        style={{ margin: "0 0 8px", fontSize: 14, fontWeight: 600, outline: 0 }}
      >
        {words("title")}
      </h4>
      <p role="status" style={{ margin: 0 }}>
        {stateText(connection, room)}
      </p>
      <ConnectButtons connection={connection} room={room} />
      {connection.connected && !asked && (
        <div style={row}>
          <button type="button" className="btn btn-tertiary" onClick={() => setAsked(true)}>
            {words("disconnect")}
          </button>
        </div>
      )}
      {connection.connected && asked && (
        <fieldset style={{ border: 0, margin: "12px 0 0", padding: 0, minWidth: 0 }}>
          <legend style={{ border: 0, fontSize: "inherit", margin: 0, width: "auto" }}>
            {words("ask", { account })}
          </legend>
          <div style={row}>
            <Focused className="btn btn-danger" onClick={() => void disconnect()}>
              {words("sure")}
            </Focused>
            <button type="button" className="btn btn-tertiary" onClick={() => setAsked(false)}>
              {words("keep")}
            </button>
          </div>
        </fieldset>
      )}
      {failed && <p role="alert">{words("failed")}</p>}
    </section>
  );
}

/** Shown in place of something that needs an account. */
export function ConnectPrompt({ room }: { room: ConnectRoom }): React.ReactElement | null {
  const connection = useSubscription(room.store.subscribe, room.store.current);
  if (!connection) return null;
  return (
    <>
      <p role="status">{stateText(connection, room)}</p>
      <ConnectButtons connection={connection} room={room} />
    </>
  );
}

function stateText(connection: Connection, { locale, words }: ConnectRoom): string {
  const { account = "", refusal, since } = connection;
  const state = panelState(connection);
  switch (state) {
    case "connected": {
      const date = new Date(since ?? 0).toLocaleDateString(locale || undefined, { dateStyle: "medium" });
      return words("connected", { account, date });
    }
    case "missing":
      return words("missing", { account });
    case "refused":
      return words(refusals[refusal ?? ""] ?? "refused.not_listed");
    default:
      return words(state);
  }
}

const refusals: Readonly<Record<string, Word>> = {
  guest: "refused.guest",
  bot: "refused.bot",
  inactive: "refused.inactive",
  not_listed: "refused.not_listed",
  no_seat: "refused.no_seat",
};

const buttonOf = { open: "connect", lost: "again", missing: "allow" } as const;

/** Starts to connect and shows the progress. Renders nothing when there is nothing to connect. */
export function ConnectButtons({
  connection,
  room,
}: {
  readonly connection: Connection;
  readonly room: ConnectRoom;
}): React.ReactElement | null {
  const { connecting, words } = room;
  const attempt = useSubscription(connecting.subscribe, connecting.attempt);
  const state = panelState(connection);
  if (state === "connected" || state === "refused") return null;
  const waits = attempt.at === "waiting";
  return (
    <>
      <div style={row}>
        {attempt.at === "consent" || (waits && attempt.inWindow) ? (
          <button type="button" className="btn btn-primary" onClick={connecting.openWindow}>
            {words(waits ? "reopen" : "allow")}
          </button>
        ) : (
          <button type="button" className="btn btn-primary" disabled={waits} onClick={connecting.begin}>
            {words(buttonOf[state])}
          </button>
        )}
      </div>
      <p role="status" style={{ margin: "8px 0 0" }} data-attempt={attempt.at}>
        {attemptText(attempt, words)}
      </p>
    </>
  );
}

function attemptText(attempt: Attempt, words: Words): string {
  switch (attempt.at) {
    case "idle":
      return "";
    case "waiting":
      return words(attempt.inWindow ? "waiting" : "working");
    default:
      return words(attempt.at);
  }
}

/** A button that takes the place of the one that was pressed, and its focus. */
function Focused(props: {
  readonly className: string;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}): React.ReactElement {
  const button = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => button.current?.focus(), []);
  return <button ref={button} type="button" {...props} />;
}
