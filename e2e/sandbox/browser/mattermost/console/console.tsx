import React, { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Session } from "../data.ts";
import { onConfigReceived, onPluginChange, pluginVersion, registered } from "../plugin-host.ts";
import { browserHistory } from "../router.ts";
import { Field } from "./field.tsx";
import { type Loaded, load, type Section, type Setting, save, settingId, type Values } from "./settings.ts";

type SaveAction = () => Promise<{ error?: { message?: string } } | undefined>;

/** The plugin's page of the System Console, with the same props for its components as the web app gives. */
export function Console({ session }: { session: Session }) {
  useSyncExternalStore(onPluginChange, pluginVersion);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [changes, setChanges] = useState<Values>({});
  const [needed, setNeeded] = useState(false);
  const [state, setState] = useState<"" | "saving" | "saved">("");
  const [problem, setProblem] = useState("");
  const actions = useRef(new Set<SaveAction>());
  useEffect(() => {
    document.title = "Mission Collaboration - System Console";
    void load().then(setLoaded, (error) =>
      setProblem(error instanceof Error ? error.message : String(error)),
    );
  }, []);

  // A link into the page, for the sandbox's story: `#mc-tab-teams_app` opens that tab of the plugin's.
  const ready = loaded !== null;
  useEffect(() => {
    if (!ready || location.hash.length < 2) return;
    const tab = document.getElementById(location.hash.slice(1));
    if (tab?.getAttribute("role") === "tab") tab.click();
  }, [ready]);

  useEffect(() => onConfigReceived(() => void load().then(setLoaded)), []);

  if (!session.me.roles.includes("system_admin"))
    return <p className="missing">Only system admins see the System Console.</p>;
  if (!loaded)
    return (
      <div className="console">
        <p className="problem">{problem}</p>
      </div>
    );
  const { manifest, locked, config } = loaded;
  const keyOf = (id: string) => id.split(".").at(-1) ?? id;
  const change = (id: string, value: unknown, _confirm = false, doSubmit = false) => {
    setChanges((before) => ({ ...before, [keyOf(id)]: value }));
    setNeeded(true);
    setState("");
    if (doSubmit) void submit({ ...changes, [keyOf(id)]: value });
  };
  const submit = async (wanted: Values) => {
    setState("saving");
    setProblem("");
    try {
      await save(manifest.id, wanted);
      for (const action of actions.current) {
        const result = await action();
        if (result?.error) throw new Error(result.error.message ?? "could not be saved");
      }
      setLoaded(await load());
      setChanges({});
      setNeeded(false);
      setState("saved");
    } catch (error) {
      setState("");
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };

  const element = (setting: Setting) => {
    const key = setting.key.toLowerCase();
    const id = settingId(manifest.id, key);
    const value = key in changes ? changes[key] : loaded.values[key];
    const custom = registered.settings.get(key);
    if (!custom)
      return (
        <Field
          key={id}
          id={id}
          setting={setting}
          value={value}
          disabled={locked.has(key)}
          onChange={change}
        />
      );
    const Component = custom.component as React.ComponentType<Record<string, unknown>>;
    const component = (
      <Component
        key={id}
        id={id}
        label={setting.display_name}
        helpText={setting.help_text}
        value={value}
        disabled={locked.has(key)}
        setByEnv={locked.has(key)}
        config={config}
        license={{}}
        onChange={change}
        registerSaveAction={(action: SaveAction) => actions.current.add(action)}
        unRegisterSaveAction={(action: SaveAction) => actions.current.delete(action)}
        setSaveNeeded={() => setNeeded(true)}
        saveAction={() => submit(changes)}
        cancelSubmit={() => setChanges({})}
        showConfirm={false}
      />
    );
    return custom.showTitle ? (
      <div key={id} className="setting form-group">
        <span className="setting-label">{setting.display_name}</span>
        <div className="setting-value">{component}</div>
      </div>
    ) : (
      component
    );
  };
  const section = (part: Section) => {
    const settingsList = part.settings.map(element);
    const Custom = part.custom
      ? (registered.sections.get(part.key) as
          | React.ComponentType<{ settingsList: React.ReactNode[] }>
          | undefined)
      : undefined;
    if (Custom) return <Custom key={part.key} settingsList={settingsList} />;
    return (
      <section key={part.key} className="config-section">
        <h2>{part.title}</h2>
        <p className="help-text">{part.subtitle}</p>
        {settingsList}
      </section>
    );
  };

  return (
    <div className="console">
      <nav className="console-nav" aria-label="System Console">
        <strong>System Console</strong>
        <button type="button" onClick={() => browserHistory.push("/")}>
          Back to {session.teams[0]?.display_name}
        </button>
        <span className="group">Plugins</span>
        <span aria-current="page">{manifest.name}</span>
      </nav>
      <div className="console-page wrapper--fixed admin-console">
        <header className="admin-console__header">
          <h1>{manifest.name}</h1>
          <small>{manifest.version}</small>
        </header>
        <form
          className="admin-console__wrapper form-horizontal"
          onSubmit={(event) => {
            event.preventDefault();
            void submit(changes);
          }}
        >
          {manifest.settings_schema?.settings?.map(element)}
          {manifest.settings_schema?.sections?.map(section)}
          <footer className="admin-console-save">
            <button
              type="submit"
              id="saveSetting"
              className="primary btn btn-primary"
              disabled={!needed || state === "saving"}
            >
              {state === "saving" ? "Saving…" : "Save"}
            </button>
            <span role="status">{state === "saved" && "Saved"}</span>
            {problem && (
              <span className="problem" role="alert">
                {problem}
              </span>
            )}
          </footer>
        </form>
      </div>
      {registered.root.map((Component, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: components are registered once and never move.
        <Component key={i} />
      ))}
    </div>
  );
}
