/** The fields of the console: one component, rendered by the setting's entry in plugin.json. */

import * as React from "react";
import { v4 as uuid } from "uuid";
import plugin from "../../../plugin.json";
import { lockedBy } from "./access.ts";
import { certificatesOf, problemOf, warningOf } from "./draft.ts";
import { isMask, isSent, publish, useLive } from "./live.ts";
import { ActionButton } from "./parts.tsx";
import { t, translated } from "./translate.ts";

/**
 * The properties that the System Console passes to a custom setting (schema_admin_settings.tsx, buildCustomSetting).
 */
export interface SettingProps {
  /** `PluginSettings.Plugins.mission-collaboration.<key>`. */
  readonly id: string;
  readonly value?: unknown;
  readonly disabled?: boolean;
  readonly setByEnv?: boolean;
  readonly config?: {
    readonly PluginSettings?: { readonly Plugins?: Record<string, Record<string, unknown>> };
  };
  /** With `confirm`, Save asks this page before it stores (save-guard.ts). */
  onChange(id: string, value: unknown, confirm?: boolean): void;
}

export interface Setting {
  readonly key: string;
  readonly display_name: string;
  readonly type: string;
  readonly help_text: string;
  readonly placeholder?: string;
  readonly default?: unknown;
  readonly secret?: boolean;
  readonly options?: readonly { readonly display_name: string; readonly value: string }[];
}

const settings = new Map<string, Setting>(
  plugin.settings_schema.sections.flatMap((section) =>
    (section.settings as Setting[]).map((setting) => [setting.key, setting] as const),
  ),
);

/** A boolean that is true by default is a dropdown in plugin.json (server/admin/plugin-json.test.ts explains why). */
const isYesNo = (setting: Setting): boolean =>
  setting.type === "bool" || typeof setting.default === "boolean";

export const keyOf = (id: string): string => id.slice(id.lastIndexOf(".") + 1).toLowerCase();
export const labelOf = (key: string): string =>
  key === "SiteURL"
    ? t("field.siteUrl")
    : translated(`setting.${key}`, settings.get(key)?.display_name ?? key);

/** A value as its field shows it: the label of a choice, yes or no, else the value itself. */
export function valueLabel(key: string, value: string | number | boolean): string {
  const setting = settings.get(key);
  if (typeof value === "boolean" || (setting && isYesNo(setting)))
    return t(String(value) === "true" ? "field.yes" : "field.no");
  const option = setting?.options?.find((one) => one.value === value);
  return option ? translated(`setting.${key}.${value}`, option.display_name) : String(value);
}

export function SettingField(props: SettingProps): React.ReactElement | null {
  useLive();
  const key = keyOf(props.id);
  const setting = settings.get(key);
  const saved = props.config?.PluginSettings?.Plugins?.[plugin.id]?.[key];
  const value = props.value ?? setting?.default ?? "";
  const change = (next: unknown) => props.onChange(props.id, next, true);
  React.useEffect(() => publish(key, { value, saved: saved ?? setting?.default ?? "", change }));
  if (!setting) return null;

  const problem = problemOf(key);
  const doubt = problem === null ? warningOf(key) : null;
  // An empty field is not an error, so it gets a hint.
  const missing = value === "";
  const variable = lockedBy(key, props.setByEnv);
  const locked = props.disabled === true || variable !== null;
  const certificates = certificatesOf(key);
  const described = { help: true, problem, warning: doubt, certificates: certificates.length > 0 };
  const describedBy = Object.entries(described)
    .filter(([, shown]) => shown)
    .map(([part]) => `${props.id}-${part}`)
    .join(" ");
  const attributes = {
    id: props.id,
    disabled: locked,
    "aria-describedby": describedBy,
    "aria-invalid": problem !== null && !missing,
  };
  return (
    <div className={`form-group mc-field${problem && !missing ? " has-error" : ""}`} data-setting={key}>
      {isYesNo(setting) ? (
        <span className="control-label col-sm-4" id={`${props.id}-label`}>
          {labelOf(key)}
        </span>
      ) : (
        <label className="control-label col-sm-4" htmlFor={props.id}>
          {labelOf(key)}
        </label>
      )}
      <div className="col-sm-8">
        <Control setting={setting} value={value} change={change} attributes={attributes} locked={locked} />
        {problem !== null && (
          <p
            className={missing ? "mc-needed" : "mc-problem"}
            id={`${props.id}-problem`}
            role={missing ? "note" : "alert"}
          >
            {labelOf(key)} {problem}
          </p>
        )}
        {doubt !== null && (
          <p className="mc-needed" id={`${props.id}-warning`} role="status">
            {labelOf(key)} {doubt}
          </p>
        )}
        {certificates.length > 0 && (
          <ul className="mc-certificates" id={`${props.id}-certificates`}>
            {certificates.map(({ subject, expires }) => (
              <li key={subject + expires}>{t("field.certificate", { subject, date: expires })}</li>
            ))}
          </ul>
        )}
        <div className="help-text" id={`${props.id}-help`}>
          {translated(`setting.${key}.help`, setting.help_text)}
          {variable !== null && (
            <p className="alert alert-warning mc-note">{t("field.environment", { variable })}</p>
          )}
        </div>
      </div>
    </div>
  );
}

interface ControlProps {
  readonly setting: Setting;
  readonly value: unknown;
  readonly change: (value: unknown) => void;
  readonly attributes: { readonly id: string; readonly disabled: boolean };
  readonly locked: boolean;
}

function Control(props: ControlProps): React.ReactElement {
  const { setting, value, change, attributes, locked } = props;
  const text = String(value ?? "");
  const typed = (event: { target: { value: string } }) => change(event.target.value);
  const shared = { ...attributes, className: "form-control", placeholder: setting.placeholder };
  if (isYesNo(setting)) return <YesNo {...props} />;
  if (setting.type === "dropdown") {
    return (
      <select {...attributes} className="form-control" value={text} onChange={typed}>
        {setting.options?.map((option) => (
          <option key={option.value} value={option.value}>
            {translated(`setting.${setting.key}.${option.value}`, option.display_name)}
          </option>
        ))}
      </select>
    );
  }
  if (setting.secret) return <SecretInput {...props} />;
  if (setting.type === "longtext") {
    return <textarea {...shared} rows={5} value={text} onChange={typed} spellCheck={false} />;
  }
  if (setting.type === "number") {
    return (
      <input
        {...shared}
        type="number"
        min={0}
        value={text}
        onChange={(event) => change(event.target.value === "" ? 0 : Number(event.target.value))}
      />
    );
  }
  const input = <input {...shared} type="text" value={text} onChange={typed} autoComplete="off" />;
  if (setting.key === "app_id") {
    return (
      <div className="mc-row">
        {input}
        {text === "" && (
          <ActionButton disabled={locked} onClick={() => change(uuid())}>
            {t("field.generate")}
          </ActionButton>
        )}
      </div>
    );
  }
  if (setting.key === "app_accent_color") {
    return (
      <div className="mc-row">
        {input}
        <input
          type="color"
          aria-label={t("field.picker")}
          disabled={locked}
          value={/^#[0-9a-f]{6}$/i.test(text) ? text : "#1e325c"}
          onChange={(event) => change(event.target.value.toUpperCase())}
        />
      </div>
    );
  }
  return input;
}

function YesNo({ setting, value, change, attributes, locked }: ControlProps): React.ReactElement {
  const yes = value === true || value === "true";
  return (
    <fieldset className="mc-yesno" aria-labelledby={`${attributes.id}-label`} disabled={locked}>
      {[true, false].map((choice) => (
        <label key={String(choice)} className="radio-inline">
          <input
            type="radio"
            id={choice ? attributes.id : `${attributes.id}-false`}
            name={setting.key}
            checked={yes === choice}
            onChange={() => change(choice)}
          />
          {t(choice ? "field.yes" : "field.no")}
        </label>
      ))}
    </fieldset>
  );
}

/** Never shows the stored value; typing replaces it as a whole. */
function SecretInput({ setting, value, change, attributes, locked }: ControlProps): React.ReactElement {
  const text = String(value ?? "");
  const stored = isMask(text) || isSent(setting.key, text);
  const shared = {
    ...attributes,
    className: "form-control",
    placeholder: stored ? t("field.secretSet") : (setting.placeholder ?? ""),
    value: stored ? "" : text,
    onChange: (event: { target: { value: string } }) => change(event.target.value),
  };
  return (
    <div className="mc-row">
      {/* PEM has several lines, which a password field would join. */}
      {setting.type === "longtext" ? (
        <textarea {...shared} rows={4} spellCheck={false} autoComplete="off" />
      ) : (
        <input {...shared} type="password" autoComplete="new-password" />
      )}
      {text !== "" && (
        <ActionButton kind="tertiary" disabled={locked} onClick={() => change("")}>
          {t("field.secretRemove")}
        </ActionButton>
      )}
    </div>
  );
}
