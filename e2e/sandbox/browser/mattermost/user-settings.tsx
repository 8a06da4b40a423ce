import React, { useState, useSyncExternalStore } from "react";
import { api } from "./api.ts";
import type { Session } from "./data.ts";
import {
  onPluginChange,
  pluginVersion,
  registered,
  type UserSetting,
  type UserSettings,
} from "./plugin-host.ts";

/** A person's settings: some of Mattermost's own, and what plugins add by registerUserSettings. */
export function UserSettingsDialog({ session, onClose }: { session: Session; onClose(): void }) {
  // Plugins' bundles may still be loading when the dialog opens.
  useSyncExternalStore(onPluginChange, pluginVersion);
  const plugin = registered.userSettings;
  const [chosen, setTab] = useState<"own" | "plugin" | null>(null);
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
            {tab === "plugin" &&
              plugin?.sections.map((section) => (
                <PluginSection key={section.title} section={section} id={plugin.id} session={session} />
              ))}
          </div>
        </div>
      </div>
    </div>
  );
}

/** The web app stores what radio settings hold as preferences of category `pp_<plugin id>`. */
function PluginSection({ section, id, session }: { section: UserSettings; id: string; session: Session }) {
  const [changes, setChanges] = useState<Record<string, string>>({});
  if ("component" in section) {
    const Component = section.component;
    return <Component />;
  }
  const category = `pp_${id}`.slice(0, 32);
  const change = (name: string, value: string) => setChanges((before) => ({ ...before, [name]: value }));
  const save = async () => {
    const preferences = Object.entries(changes).map(([name, value]) => ({ category, name, value }));
    await api("/users/me/preferences", preferences, "PUT");
    section.onSubmit?.(changes);
    setChanges({});
  };
  return (
    <section>
      <h2>{section.title}</h2>
      {section.settings.map((setting) => (
        <Setting
          key={setting.name}
          setting={setting}
          value={changes[setting.name] ?? session.preferences.get(`${category}--${setting.name}`)}
          onChange={change}
        />
      ))}
      <button type="button" className="primary" disabled={Object.keys(changes).length === 0} onClick={save}>
        Save
      </button>
    </section>
  );
}

interface SettingProps {
  readonly setting: UserSetting;
  readonly value: string | undefined;
  onChange(name: string, value: string): void;
}

function Setting({ setting, value, onChange }: SettingProps) {
  if (setting.type === "custom") {
    const Component = setting.component;
    return <Component informChange={onChange} />;
  }
  return (
    <fieldset>
      <legend>{setting.title}</legend>
      {setting.options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={setting.name}
            checked={(value ?? setting.default) === option.value}
            onChange={() => onChange(setting.name, option.value)}
          />
          {option.text}
        </label>
      ))}
      {setting.helpText && <p>{setting.helpText}</p>}
    </fieldset>
  );
}
