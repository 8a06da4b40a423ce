/** Small components that several pages share. */

import * as React from "react";
import { isSystemAdmin, ReadOnly } from "./access.ts";
import { Refusal } from "./api.ts";
import { t } from "./translate.ts";

export interface Action {
  readonly busy: boolean;
  readonly error: Refusal | Error | null;
  run(work: () => Promise<void>): Promise<void>;
}

/** Runs one action at a time and keeps its error. Does not update a part that has left the screen. */
export function useAction(): Action {
  const [state, setState] = React.useState<{ busy: boolean; error: Error | null }>({
    busy: false,
    error: null,
  });
  const here = React.useRef(true);
  React.useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  return {
    ...state,
    async run(work) {
      setState({ busy: true, error: null });
      let error: Error | null = null;
      try {
        await work();
      } catch (thrown) {
        error = thrown instanceof Error ? thrown : new Error(String(thrown));
      }
      if (here.current) setState({ busy: false, error });
    },
  };
}

/**
 * Scrolls a new element into view, because it may open at the lower end of the window, under the Save bar. Pass the
 * result to the element as its `ref`; it scrolls when the element appears and whenever `reason` changes.
 */
export function useReveal<T extends HTMLElement>(reason: unknown): React.RefObject<T | null> {
  const element = React.useRef<T | null>(null);
  React.useEffect(() => {
    if (reason) element.current?.scrollIntoView({ block: "nearest" });
  }, [reason]);
  return element;
}

export interface ActionButtonProps {
  readonly kind?: "primary" | "tertiary" | "danger";
  readonly small?: boolean;
  readonly disabled?: boolean;
  readonly label?: string;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}

/** A button that changes something on the server or in a setting; disabled when the host shows the page read-only. */
export function ActionButton(props: ActionButtonProps): React.ReactElement {
  const readOnly = React.useContext(ReadOnly);
  return (
    <button
      type="button"
      className={`btn btn-${props.kind ?? "primary"}${props.small ? " btn-sm" : ""}`}
      disabled={readOnly || props.disabled === true}
      aria-label={props.label}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

export function Failure({ error }: { error: Error | null }): React.ReactElement | null {
  const place = useReveal<HTMLDivElement>(error);
  if (!error) return null;
  const refusal = error instanceof Refusal ? error : null;
  return (
    <div className="mc-problem" role="alert" ref={place}>
      <p>{error.message}</p>
      {refusal?.detail ? <p>{refusal.detail}</p> : null}
      {refusal?.cure ? <p>{refusal.cure}</p> : null}
      {refusal?.requestId ? (
        <p className="mc-hint">{t("failure.request", { id: refusal.requestId })}</p>
      ) : null}
    </div>
  );
}

export function CopyButton({ value, what }: { value: string; what: string }): React.ReactElement {
  const [copied, setCopied] = React.useState(false);
  const copy = async () => {
    await copyText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <button
      type="button"
      className="btn btn-tertiary btn-sm"
      aria-label={t("copy.label", { what })}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{t(copied ? "copy.done" : "copy.copy")}</span>
    </button>
  );
}

export function CopyValue({ what, value }: { what: string; value: string }): React.ReactElement {
  return (
    <div className="mc-value">
      <span className="mc-value-name">{what}</span>
      <code>{value}</code>
      <CopyButton value={value} what={what} />
    </div>
  );
}

/** navigator.clipboard exists on https only; the sandbox and new installations may not have it. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export type MarkState = "ok" | "warning" | "problem" | "unknown" | "off";

/** A word with an icon and a colour, never a colour alone. */
export function StateMark({ state, children }: { state: MarkState; children: React.ReactNode }) {
  return <span className={`mc-state mc-state-${state}`}>{children}</span>;
}

/** A link to a place in the console. */
export function LinkButton({ onClick, children }: Pick<ActionButtonProps, "onClick" | "children">) {
  return (
    <button type="button" className="btn-link" onClick={onClick}>
      {children}
    </button>
  );
}

/** Formats a date as the admin's browser does. */
export const when = (iso: string): string => new Date(iso).toLocaleString();

/** Renders nothing for a delegated admin, because the plugin's own routes answer only system admins. */
export function AdminOnly({ children }: { children: React.ReactNode }): React.ReactNode {
  return isSystemAdmin() ? children : null;
}

const IDENTIFIER = /((?:https?|api):\/\/[^\s;,]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12},?)/i;

/** A text in which addresses and IDs are not broken as long as they fit into a line. */
export function WholeIds({ text }: { text: string }): React.ReactElement {
  const parts = text.split(IDENTIFIER);
  return (
    <>
      {parts.map((part, at) => {
        // Every second part is a match of the pattern. A part can be identified only by its position.
        const key = `${at} ${part}`;
        return at % 2 === 1 ? (
          <span key={key} className="mc-id">
            {part}
          </span>
        ) : (
          part
        );
      })}
    </>
  );
}
