/** Small pieces that several pages share. */

import * as React from "react";
import { Refusal } from "./api.ts";
import { t } from "./translate.ts";

export interface Action {
  readonly busy: boolean;
  readonly error: Refusal | Error | null;
  run(work: () => Promise<void>): Promise<void>;
}

/** One thing at a time, and what went wrong with it. A part that left the screen is not written to. */
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

export function Failure({ error }: { error: Error | null }): React.ReactElement | null {
  if (!error) return null;
  const refusal = error instanceof Refusal ? error : null;
  return (
    <div className="mc-problem" role="alert">
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

/** navigator.clipboard exists on https only; the sandbox and first installations may not have it. */
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

/** Dates as the admin's browser writes them. */
export const when = (iso: string): string => new Date(iso).toLocaleString();
