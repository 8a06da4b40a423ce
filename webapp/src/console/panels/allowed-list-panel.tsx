/**
 * The list of people who may connect: upload and download of a CSV file, which is accepted as a whole or not at all.
 */

import * as React from "react";
import { ReadOnly } from "../access.ts";
import { download, Refusal, send } from "../api.ts";
import { ActionButton, Failure, useAction } from "../parts.tsx";
import { t, tn } from "../translate.ts";

const PATH = "/api/v1/admin/connections/allowed.csv";

interface Taken {
  readonly count: number;
  readonly failedLines: readonly number[];
}

export function AllowedListPanel(): React.ReactElement {
  const action = useAction();
  const readOnly = React.useContext(ReadOnly);
  const [taken, setTaken] = React.useState<Taken | null>(null);
  const field = React.useRef<HTMLInputElement>(null);
  const upload = (file: File | undefined) => {
    if (!file) return;
    setTaken(null);
    void action.run(async () => {
      const body = new FormData();
      body.set("file", file);
      const response = await send("PUT", PATH, body);
      setTaken((await response.json()) as Taken);
    });
    // Selecting the same, corrected file again is a change for the browser only when the field is empty.
    if (field.current) field.current.value = "";
  };
  const lines = action.error instanceof Refusal ? action.error.failedLines : [];
  return (
    <div data-part="allowed-list">
      <h3>{t("accounts.list")}</h3>
      <p>{t("accounts.list.lead")}</p>
      <p className="mc-row">
        <label>
          {t("accounts.list.upload")}{" "}
          <input
            ref={field}
            type="file"
            accept=".csv,text/csv"
            disabled={readOnly || action.busy}
            onChange={(event) => upload(event.target.files?.[0])}
          />
        </label>
        <ActionButton
          kind="tertiary"
          onClick={() => void action.run(async () => void (await download(PATH, "allowed-accounts.csv")))}
        >
          {t("accounts.list.download")}
        </ActionButton>
      </p>
      <div role="status">
        {taken && <p className="mc-good">{tn("accounts.list.taken", taken.count)}</p>}
        {taken && taken.failedLines.length > 0 && (
          <p>{t("accounts.list.unknown", { lines: taken.failedLines.join(", ") })}</p>
        )}
      </div>
      <Failure error={action.error} />
      {lines.length > 0 && <p>{t("accounts.list.lines", { lines: lines.join(", ") })}</p>}
    </div>
  );
}
