/** A Microsoft admin signs in by device code; the children use the sign-in. */

import * as React from "react";
import type { Purpose } from "../../../server/microsoft/entra/sign-in-client.ts";
import { get, post } from "./api.ts";
import { Box } from "./box.tsx";
import { ActionButton, CopyValue, Failure, useAction, useReveal } from "./parts.tsx";
import { pollEvery } from "./poll.ts";
import { Rights } from "./rights.tsx";
import { type Key, t } from "./translate.ts";

export interface SignIn {
  readonly id: string;
  readonly state: "pending" | "signed_in" | "declined" | "expired" | "refused";
  readonly userCode: string;
  readonly verificationUri: string;
  readonly account: string;
  readonly detail: string;
}

export interface Step {
  readonly kind: string;
  readonly action: "create" | "change" | "keep";
  readonly detail: string;
}

export interface Run {
  readonly state: "running" | "done" | "failed" | "undone";
  readonly progress: readonly { readonly step: Step; readonly state: string; readonly says: string }[];
  readonly clientId: string | null;
  readonly deferred: readonly string[];
  readonly copy: Readonly<Record<string, string>> | null;
  readonly leftBehind: readonly string[];
  readonly canUndo: boolean;
}

interface Watched {
  readonly signIn: SignIn;
  readonly run: Run | null;
}

export interface DialogProps {
  readonly purpose: Purpose;
  readonly button: string;
  readonly disabled?: boolean;
  /** Puts the details of the sign-in into a box below the button, because the reader came for something else. */
  readonly isBrief?: boolean;
  /** Shown once somebody is signed in. `path` is the dialog's address on the server. */
  readonly children: (dialog: { path: string; run: Run | null; look: () => void }) => React.ReactNode;
}

const LOOK_EVERY_MS = 2_000;

export function MicrosoftDialog({
  purpose,
  button,
  disabled,
  isBrief = false,
  children,
}: DialogProps): React.ReactElement {
  const action = useAction();
  const [watched, setWatched] = React.useState<Watched | null>(null);
  const id = watched?.signIn.id;
  const path = `/api/v1/admin/microsoft/${id ?? ""}`;
  /** True after a press whose outcome has not been read. */
  const [isBehind, setBehind] = React.useState(false);
  const waiting = isBehind || watched?.signIn.state === "pending" || watched?.run?.state === "running";

  const look = React.useCallback(async () => {
    if (id === undefined) return;
    const next = await get<Watched>(`/api/v1/admin/microsoft/${id}`);
    // Closing the dialog while an answer is under way must not open it again.
    setWatched((current) => (current?.signIn.id === id ? next : current));
    setBehind(false);
  }, [id]);

  const { run } = action;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `run` is new with each render
  React.useEffect(() => {
    if (!waiting) return;
    return pollEvery(LOOK_EVERY_MS, look, (error) => {
      setWatched(null);
      setBehind(false);
      void run(() => Promise.reject(error));
    });
  }, [waiting, look]);

  const place = useReveal<HTMLElement>(
    watched && `${watched.signIn.state} ${watched.run?.state} ${watched.run?.progress.length}`,
  );
  // The button that was pressed is gone: move the focus into the dialog.
  React.useEffect(() => {
    if (id !== undefined) place.current?.focus({ preventScroll: true });
  }, [id, place]);

  const start = () =>
    action.run(async () => {
      const signIn = await post<SignIn>("/api/v1/admin/microsoft", { purpose });
      setWatched({ signIn, run: null });
    });
  const lookSoon = () => {
    setBehind(true);
    look().catch(() => {
      // The next look will do.
    });
  };
  const close = () => {
    setWatched(null);
    setBehind(false);
    void post(path, {}, "DELETE").catch(() => {
      // The server has already dropped it.
    });
  };

  if (!watched) {
    return (
      <>
        {!isBrief && <Rights purpose={purpose} />}
        <ActionButton disabled={disabled || action.busy} onClick={() => void start()}>
          {button}
        </ActionButton>
        {isBrief && (
          <Box title={t("rights.title")}>
            <Rights purpose={purpose} />
          </Box>
        )}
        <Failure error={action.error} />
      </>
    );
  }
  const { signIn } = watched;
  return (
    <section className="mc-dialog" aria-label={button} ref={place} tabIndex={-1}>
      {signIn.state === "pending" && (
        <>
          <p>{t("device.open")}</p>
          <p>
            <a href={signIn.verificationUri} target="_blank" rel="noreferrer">
              {signIn.verificationUri}
            </a>
          </p>
          <CopyValue what={t("device.code")} value={signIn.userCode} />
          <p role="status">{t("device.waiting")}</p>
          <p className="mc-hint">{t("device.memory")}</p>
        </>
      )}
      {signIn.state === "signed_in" && (
        <>
          <p role="status">{t("device.signedIn", { account: signIn.account })}</p>
          {children({ path, run: watched.run, look: lookSoon })}
        </>
      )}
      {signIn.state !== "pending" && signIn.state !== "signed_in" && (
        <p className="mc-problem" role="alert">
          {t(`device.${signIn.state}` as Key, { detail: signIn.detail })}
        </p>
      )}
      <p>
        <ActionButton kind="tertiary" onClick={close}>
          {t("device.close")}
        </ActionButton>
      </p>
    </section>
  );
}
