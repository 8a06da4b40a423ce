import React, { useState } from "react";
import { api } from "./api.ts";
import type { Session } from "./data.ts";
import { registered, usePlugins } from "./plugin-host.ts";
import type { UserSetting, UserSettings } from "./user-settings-schema.ts";

/** A person's settings: some of Mattermost's own, and those that plugins add with registerUserSettings. */
export function UserSettingsDialog({ session, onClose }: { session: Session; onClose(): void }) {
  // Plugins' bundles may still be loading when the dialog opens.
  usePlugins();
  const plugin = registered.userSettings;
  const [chosen, setTab] = useState<"own" | "plugin" | null>(null);
  const [active, setActive] = useState("");
  const tab = chosen ?? (plugin ? "plugin" : "own");
  const { notify_props } = session.me;
  const set = (name: string, value: string) =>
    api("/users/me/patch", { notify_props: { [name]: value } }, "PUT");
  return (
    <div className="modal" role="dialog" aria-modal="true" aria-label="Settings">
      <div className="modal-box">
        <header>
          <h1>Settings</h1>
          <button type="button" onClick={onClose} aria-label="Close">
            ×
          </button>
        </header>
        <div className="modal-body">
          <nav>
            <button type="button" aria-current={tab === "own"} onClick={() => setTab("own")}>
              Notifications
            </button>
            {plugin && (
              <button type="button" aria-current={tab === "plugin"} onClick={() => setTab("plugin")}>
                {plugin.uiName}
              </button>
            )}
          </nav>
          <div>
            {tab === "own" && (
              <>
                <label>
                  Push notifications
                  <select
                    defaultValue={notify_props.push}
                    onChange={(event) => set("push", event.target.value)}
                  >
                    <option value="all">For all activity</option>
                    <option value="mention">For mentions and direct messages</option>
                    <option value="none">Never</option>
                  </select>
                </label>
                <label>
                  Keywords
                  <input
                    defaultValue={notify_props.mention_keys}
                    onBlur={(event) => set("mention_keys", event.target.value)}
                  />
                </label>
              </>
            )}
            {tab === "plugin" && plugin && (
              <div className="user-settings">
                <h3>{plugin.uiName} Settings</h3>
                {plugin.sections.map((section) => (
                  <PluginSection
                    key={section.title}
                    section={section}
                    id={plugin.id}
                    session={session}
                    active={active}
                    open={setActive}
                  />
                ))}
              </div>
            )}
          </div>
        </div>
      </div>
    </div>
  );
}

interface SectionProps {
  readonly section: UserSettings;
  readonly id: string;
  readonly session: Session;
  readonly active: string;
  open(title: string): void;
}

/**
 * One section at a time is open. A closed one shows the chosen text of its first setting if that is a radio. Values
 * are stored as preferences of category `pp_<plugin id>` (plugin_setting.tsx of the web app).
 */
function PluginSection({ section, id, session, active, open }: SectionProps) {
  const [changes, setChanges] = useState<Record<string, string>>({});
  if ("component" in section) {
    const Component = section.component;
    return <Component />;
  }
  const category = `pp_${id}`.slice(0, 32);
  const stored = (name: string) => session.preferences.get(`${category}--${name}`);
  const [first] = section.settings;
  if (active !== section.title) {
    const value = first?.type === "radio" ? (stored(first.name) ?? first.default) : undefined;
    const described =
      first?.type === "radio" ? first.options.find((option) => option.value === value)?.text : undefined;
    return (
      <section className="section-min">
        <h4>{section.title}</h4>
        <button
          type="button"
          className="btn-link"
          aria-label={`${section.title} Edit`}
          onClick={() => open(section.title)}
        >
          Edit
        </button>
        <p className="section-min__describe">{described}</p>
      </section>
    );
  }
  const change = (name: string, value: string) => setChanges((before) => ({ ...before, [name]: value }));
  const save = async () => {
    const preferences = Object.entries(changes).map(([name, value]) => ({ category, name, value }));
    if (preferences.length > 0) {
      await api("/users/me/preferences", preferences, "PUT");
      section.onSubmit?.(changes);
    }
    setChanges({});
    open("");
  };
  return (
    <section className="section-max form-horizontal">
      <h4 className="section-title">{section.title}</h4>
      <div className="setting-list">
        <div className="setting-list-item">
          {section.settings.map((setting) => (
            <Setting
              key={setting.name}
              setting={setting}
              value={changes[setting.name] ?? stored(setting.name)}
              onChange={change}
            />
          ))}
        </div>
        <hr />
        <button type="button" className="primary btn btn-primary" onClick={() => void save()}>
          Save
        </button>
        <button type="button" className="btn btn-tertiary" onClick={() => open("")}>
          Cancel
        </button>
      </div>
    </section>
  );
}

interface SettingProps {
  readonly setting: UserSetting;
  readonly value: string | undefined;
  onChange(name: string, value: string): void;
}

/**
 * The web app's radio control: only screen readers get the setting's title. A custom setting has no title.
 */
function Setting({ setting, value, onChange }: SettingProps) {
  if (setting.type === "custom") {
    const Component = setting.component;
    return <Component informChange={onChange} />;
  }
  return (
    <fieldset>
      <legend className="form-legend hidden-label">{setting.title || setting.name}</legend>
      {setting.options.map((option) => (
        <div key={option.value} className="radio">
          <label>
            <input
              type="radio"
              name={setting.name}
              checked={(value ?? setting.default) === option.value}
              onChange={() => onChange(setting.name, option.value)}
            />
            <span>{option.text}</span>
          </label>
        </div>
      ))}
      {setting.helpText && <div className="mt-5">{setting.helpText}</div>}
    </fieldset>
  );
}
