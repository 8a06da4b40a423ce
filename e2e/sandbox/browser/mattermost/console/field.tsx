import React from "react";
import type { Setting } from "./settings.ts";

interface Props {
  readonly setting: Setting;
  readonly id: string;
  readonly value: unknown;
  readonly disabled: boolean;
  onChange(id: string, value: unknown): void;
}

/** The plain fields of plugin.json, for settings that have no component of the plugin. */
export function Field({ setting, id, value, disabled, onChange }: Props) {
  const text = String(value ?? "");
  const common = { id, disabled, placeholder: setting.placeholder };
  const input = () => {
    switch (setting.type) {
      case "bool":
        return [true, false].map((each) => (
          <label key={String(each)}>
            <input
              type="radio"
              name={id}
              disabled={disabled}
              checked={(value === true || value === "true") === each}
              onChange={() => onChange(id, each)}
            />
            {each ? "True" : "False"}
          </label>
        ));
      case "dropdown":
      case "radio":
        return (
          <select {...common} value={text} onChange={(event) => onChange(id, event.target.value)}>
            {setting.options?.map((option) => (
              <option key={option.value} value={option.value}>
                {option.display_name}
              </option>
            ))}
          </select>
        );
      case "longtext":
        return (
          <textarea
            {...common}
            rows={4}
            value={text}
            onChange={(event) => onChange(id, event.target.value)}
          />
        );
      case "custom":
        return null;
      default:
        return (
          <input
            {...common}
            type={setting.secret ? "password" : setting.type === "number" ? "number" : "text"}
            value={text}
            onChange={(event) => onChange(id, event.target.value)}
          />
        );
    }
  };
  return (
    <div className="setting form-group" data-setting={setting.key}>
      <label className="setting-label" htmlFor={id}>
        {setting.display_name ?? setting.key}
      </label>
      <div className="setting-value">
        {input()}
        {setting.help_text && <p className="help-text">{setting.help_text}</p>}
        {disabled && <p className="help-text">Set by an environment variable.</p>}
      </div>
    </div>
  );
}

export interface EnablePluginProps {
  readonly id: string;
  readonly value: boolean;
  readonly disabled: boolean;
  onChange(id: string, value: unknown): void;
}

/** The web app's own switch, which is above every plugin's settings. */
export function EnablePlugin({ id, value, disabled, onChange }: EnablePluginProps) {
  return (
    <fieldset className="form-group" disabled={disabled}>
      <legend className="control-label col-sm-4">Enable Plugin:</legend>
      <div className="col-sm-8">
        {[true, false].map((choice) => (
          <label key={String(choice)} className="radio-inline">
            <input type="radio" name={id} checked={value === choice} onChange={() => onChange(id, choice)} />
            {choice ? "True" : "False"}
          </label>
        ))}
        <p className="help-text">When true, this plugin is enabled.</p>
      </div>
    </fieldset>
  );
}
