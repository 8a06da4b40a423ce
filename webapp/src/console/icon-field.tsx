/** One icon: the current one, a new one by drag and drop or file selection, and back to the default. */

import * as React from "react";
import { ReadOnly } from "./access.ts";
import { Refusal, send } from "./api.ts";
import { refreshDraft } from "./draft.ts";
import { ActionButton, Failure, useAction } from "./parts.tsx";
import { t } from "./translate.ts";

export interface IconState {
  readonly url: string;
  readonly custom: boolean;
}

export async function loadIcon(name: "color" | "outline"): Promise<IconState> {
  const response = await send("GET", `/api/v1/admin/icons/${name}`);
  return {
    url: URL.createObjectURL(await response.blob()),
    custom: response.headers.get("X-Icon") === "custom",
  };
}

export interface IconFieldProps {
  readonly name: "color" | "outline";
  readonly state: IconState | null;
  readonly changed: () => Promise<void>;
  readonly disabled: boolean;
}

export function IconField({ name, state, changed, disabled: busy }: IconFieldProps): React.ReactElement {
  const disabled = React.useContext(ReadOnly) || busy;
  const action = useAction();
  const [over, setOver] = React.useState(false);
  const input = React.useRef<HTMLInputElement>(null);
  const id = `mc-icon-${name}`;
  const problems = action.error instanceof Refusal ? action.error.problems : [];

  const change = (work: () => Promise<unknown>) =>
    void action.run(async () => {
      await work();
      await changed();
      refreshDraft();
    });
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file) change(() => send("PUT", `/api/v1/admin/icons/${name}`, file));
    // Selecting the same, corrected file again must count as a choice.
    if (input.current) input.current.value = "";
  };

  return (
    <div className="mc-icon" data-setting={`icon_${name}`}>
      <label htmlFor={id}>{t(`icon.${name}`)}</label>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is the first */}
      <div
        className={`mc-drop${over ? " mc-over" : ""}${name === "outline" ? " mc-dark" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (!disabled) take(event.dataTransfer.files);
        }}
      >
        {state && (
          <img src={state.url} alt={t(state.custom ? "icon.own" : "icon.default")} width={64} height={64} />
        )}
      </div>
      <input
        id={id}
        ref={input}
        type="file"
        accept="image/png"
        className="mc-hidden"
        disabled={disabled || action.busy}
        aria-describedby={`${id}-help`}
        onChange={(event) => take(event.target.files)}
      />
      <ActionButton
        kind="tertiary"
        small
        disabled={disabled || action.busy}
        label={`${t(`icon.${name}`)}: ${t("icon.choose")}`}
        onClick={() => input.current?.click()}
      >
        {t("icon.choose")}
      </ActionButton>{" "}
      {state?.custom && (
        <ActionButton
          kind="tertiary"
          small
          disabled={disabled || action.busy}
          label={`${t(`icon.${name}`)}: ${t("icon.reset")}`}
          onClick={() => change(() => send("DELETE", `/api/v1/admin/icons/${name}`))}
        >
          {t("icon.reset")}
        </ActionButton>
      )}
      <div className="help-text" id={`${id}-help`}>
        {t(`icon.${name}.help`)}
      </div>
      {problems.length > 0 ? (
        <ul className="mc-problems mc-problem" role="alert">
          {problems.map(({ says }) => (
            <li key={says}>{t("icon.refused", { says })}</li>
          ))}
        </ul>
      ) : (
        <Failure error={action.error} />
      )}
    </div>
  );
}
