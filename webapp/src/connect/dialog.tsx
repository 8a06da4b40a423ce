/**
 * The dialog of *Enforce connected accounts*. It covers everything but the System Console, where an admin fixes what
 * keeps people from connecting. Skipping lasts until the page is reloaded.
 */

import * as React from "react";
import { useSubscription } from "../host/use-subscription.ts";
import { ConnectButtons, type ConnectRoom } from "./panel.tsx";
import { isRightToLeft } from "./words.ts";

/** A policy or an outage may have ended meanwhile. */
const ASK_AGAIN_MS = 60_000;

export function ConnectDialog({ room }: { room: ConnectRoom }): React.ReactElement | null {
  const connection = useSubscription(room.store.subscribe, room.store.current);
  const [skipped, setSkipped] = React.useState(false);
  const isAsked = connection?.mustConnect === true && !skipped && !inConsole();
  React.useEffect(() => {
    if (!isAsked) return;
    const timer = setInterval(() => void room.store.refresh(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isAsked, room]);
  if (!connection || !isAsked) return null;
  return (
    <Modal room={room} onSkip={connection.maySkip ? () => setSkipped(true) : null}>
      <ConnectButtons connection={connection} room={room} />
    </Modal>
  );
}

const inConsole = () =>
  location.pathname.startsWith(`${(window as { basename?: string }).basename ?? ""}/admin_console`);

const backdrop = {
  position: "fixed",
  inset: 0,
  zIndex: 2000,
  display: "flex",
  alignItems: "center",
  justifyContent: "center",
  background: "rgba(0, 0, 0, 0.64)",
} as const;
const box = {
  width: "min(512px, calc(100vw - 32px))",
  maxHeight: "calc(100vh - 32px)",
  overflowY: "auto",
  padding: 32,
  borderRadius: 12,
  color: "var(--center-channel-color, #3f4350)",
  background: "var(--center-channel-bg, #fff)",
  boxShadow: "0 20px 32px rgba(0, 0, 0, 0.12)",
} as const;

function Modal({
  children,
  onSkip,
  room,
}: {
  readonly room: ConnectRoom;
  /** null when skipping is not allowed. */
  readonly onSkip: (() => void) | null;
  readonly children: React.ReactNode;
}): React.ReactElement {
  const place = React.useRef<HTMLDivElement>(null);
  const { locale, words } = room;
  React.useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    place.current?.focus();
    return () => before?.focus?.();
  }, []);
  // Something else on the page may take the focus, such as the message box after a switch of channels.
  React.useEffect(() => {
    const bringBack = (event: FocusEvent) => {
      if (place.current && !place.current.contains(event.target as Node | null)) place.current.focus();
    };
    document.addEventListener("focusin", bringBack);
    return () => document.removeEventListener("focusin", bringBack);
  }, []);
  const onKeyDown = (event: React.KeyboardEvent) => {
    // Otherwise the web app's own shortcuts would react.
    event.stopPropagation();
    if (event.key === "Escape") onSkip?.();
    else if (event.key === "Tab") keepInside(event, place.current);
  };
  return (
    <div style={backdrop} data-part="connect-dialog">
      <div
        ref={place}
        role="dialog"
        aria-modal="true"
        aria-labelledby="mc-connect-title"
        aria-describedby="mc-connect-text"
        tabIndex={-1}
        dir={isRightToLeft(locale) ? "rtl" : "ltr"}
        style={{ ...box, outline: 0 }}
        onKeyDown={onKeyDown}
      >
        <h1 id="mc-connect-title" style={{ margin: "0 0 12px", fontSize: 22, lineHeight: "28px" }}>
          {words("dialog.title")}
        </h1>
        <p id="mc-connect-text" style={{ margin: 0 }}>
          {words("dialog.text")}
        </p>
        {children}
        {onSkip && (
          <div style={{ marginTop: 12 }}>
            <button type="button" className="btn btn-tertiary" onClick={onSkip}>
              {words("dialog.skip")}
            </button>
          </div>
        )}
      </div>
    </div>
  );
}

/** Moves the focus from the last control to the first one, and back. */
export function keepInside(
  event: Pick<React.KeyboardEvent, "shiftKey" | "preventDefault">,
  place: HTMLElement | null,
): void {
  const all = [...(place?.querySelectorAll<HTMLElement>("button:not(:disabled), a[href]") ?? [])];
  const [first] = all;
  const last = all.at(-1);
  const active = place?.ownerDocument.activeElement;
  if (!first || !last) {
    event.preventDefault();
    return;
  }
  const isOutside = !all.includes(active as HTMLElement);
  if (event.shiftKey && (active === first || isOutside)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && (active === last || isOutside)) {
    event.preventDefault();
    first.focus();
  }
}
