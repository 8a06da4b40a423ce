/**
 * A modal dialog. The browser's own `<dialog>` keeps the focus inside, handles Escape, and hides the page behind it
 * from screen readers. When it closes, the focus returns to its former element, or to the message box if that is
 * gone.
 */

import * as React from "react";
import { styles } from "./styles.ts";
import { colorScheme } from "./theme.ts";

export interface DialogProps {
  readonly title: string;
  readonly close: string;
  readonly rightToLeft: boolean;
  readonly onClose: () => void;
  /** While busy, Escape and a press outside do nothing. */
  readonly isBusy?: boolean;
  readonly children: React.ReactNode;
  readonly footer: React.ReactNode;
  /** Called when Enter is pressed in a field, like the first button of the footer. */
  readonly onSubmit?: () => void;
}

let count = 0;

export function Dialog(props: DialogProps): React.ReactElement {
  const { children, close, footer, isBusy = false, onClose, onSubmit, rightToLeft, title } = props;
  const dialog = React.useRef<HTMLDialogElement>(null);
  const [id] = React.useState(() => {
    count += 1;
    return `mc-dialog-${count}`;
  });
  React.useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      shown?.close();
      const back = before?.isConnected && before !== document.body ? before : null;
      (back ?? document.getElementById("post_textbox"))?.focus();
    };
  }, []);
  const leave = () => {
    if (!isBusy) onClose();
  };
  return (
    <dialog
      ref={dialog}
      className="mc-dialog-window"
      aria-labelledby={id}
      dir={rightToLeft ? "rtl" : "ltr"}
      style={{ colorScheme: colorScheme() }}
      onCancel={(event) => {
        event.preventDefault();
        leave();
      }}
      // Otherwise the web app's own shortcuts would react.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <style>{styles}</style>
      <form
        noValidate
        className="mc-dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
      >
        <div className="mc-dialog-head">
          <h1 id={id}>{title}</h1>
          <button type="button" className="mc-icon-button" aria-label={close} onClick={leave}>
            <span aria-hidden="true">×</span>
          </button>
        </div>
        <div className="mc-dialog-body">{children}</div>
        <div className="mc-dialog-foot">{footer}</div>
      </form>
    </dialog>
  );
}

/** Cancel, and the button that sends the form. While it is busy both stay where they are, and do nothing. */
export function FormButtons(props: {
  readonly cancel: string;
  readonly send: string;
  readonly isBusy: boolean;
  readonly onCancel: () => void;
}) {
  const { isBusy } = props;
  return (
    <>
      <button
        type="button"
        className="mc-button"
        aria-disabled={isBusy}
        onClick={isBusy ? undefined : props.onCancel}
      >
        {props.cancel}
      </button>
      <button type="submit" className="mc-button mc-button-primary" aria-disabled={isBusy} aria-busy={isBusy}>
        {props.send}
      </button>
    </>
  );
}
