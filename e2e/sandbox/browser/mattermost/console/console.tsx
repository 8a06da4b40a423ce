import React, { useEffect, useRef, useState } from "react";
import type { Session } from "../data.ts";
import { onConfigReceived, registered, usePlugins } from "../plugin-host.ts";
import { browserHistory } from "../router.ts";
import { EnablePlugin, Field } from "./field.tsx";
import {
  type Config,
  configFrom,
  enableId,
  isSetByEnv,
  type Loaded,
  load,
  type Section,
  type Setting,
  save,
  settingId,
  stateFrom,
  type Values,
} from "./settings.ts";

type SaveAction = () => Promise<{ error?: { message?: string } } | undefined>;

/**
 * The plugin's page of the System Console, which behaves like schema_admin_settings.tsx of the web app:
 * - Save sends the whole configuration, as read when the page was opened, with this page's values in it;
 * - save actions run after that, so they cannot stop it;
 * - a change with `confirm` makes Save stop first and set `showConfirm` on that setting;
 * - a secret that was just saved stays on the screen, while the configuration has stars.
 */
export function Console({ session }: { session: Session }) {
  usePlugins();
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [state, setState] = useState<Values>({});
  const [needed, setNeeded] = useState(false);
  const [saving, setSaving] = useState(false);
  const [confirmNeeded, setConfirmNeeded] = useState("");
  const [showConfirm, setShowConfirm] = useState("");
  const [problem, setProblem] = useState("");
  const actions = useRef(new Set<SaveAction>());
  const current = useRef(state);
  current.current = state;

  useEffect(() => {
    document.title = "Mission Collaboration - System Console";
    load().then(
      (next) => {
        setLoaded(next);
        if (next) setState(stateFrom(next.config, next.manifest));
      },
      (error) => setProblem(String(error)),
    );
  }, []);
  // The store has another configuration; what the page shows stays unchanged.
  useEffect(
    () =>
      onConfigReceived((config) => setLoaded((before) => before && { ...before, config: config as Config })),
    [],
  );

  // A link into the page, for the sandbox's story: `#mc-tab-teams_app` opens that tab of the plugin's page.
  const ready = loaded !== null;
  useEffect(() => {
    if (!ready || location.hash.length < 2) return;
    const tab = document.getElementById(location.hash.slice(1));
    if (tab?.getAttribute("role") === "tab") tab.click();
  }, [ready]);

  const roles = session.me.roles.split(" ");
  const mayWrite = roles.includes("system_admin");
  if (!mayWrite && !roles.includes("system_manager"))
    return <p className="missing">Only system admins see the System Console.</p>;
  if (!loaded) return <p className="problem">{problem}</p>;
  const { manifest, config, environment } = loaded;
  const enabled = state[enableId(manifest.id)] === true;
  const disabled = !mayWrite || !enabled;

  const change = (id: string, value: unknown, confirm = false, doSubmit = false) => {
    setConfirmNeeded((before) => (confirm ? id : before === id ? "" : before));
    setState((before) => ({ ...before, [id]: value }));
    current.current = { ...current.current, [id]: value };
    setNeeded(true);
    if (doSubmit) void doSave();
  };
  const doSave = async () => {
    const next = configFrom(config, manifest, current.current);
    let failed = false;
    try {
      const answer = await save(next);
      setLoaded({ ...loaded, config: answer });
      setState(stateFrom(next, manifest));
    } catch (error) {
      failed = true;
      setProblem(String(error));
    }
    for (const action of actions.current) if ((await action())?.error?.message) failed = true;
    setSaving(false);
    if (failed) return;
    setNeeded(false);
    setConfirmNeeded("");
    setShowConfirm("");
  };
  const submit = async (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (confirmNeeded !== "") {
      setShowConfirm(confirmNeeded);
      return;
    }
    setSaving(true);
    setProblem("");
    await doSave();
  };

  const element = (setting: Setting) => {
    const id = settingId(manifest.id, setting.key);
    const custom = registered.settings.get(setting.key.toLowerCase());
    const setByEnv = isSetByEnv(environment, id);
    if (!custom)
      return (
        <Field
          key={id}
          id={id}
          setting={setting}
          value={state[id] ?? setting.default}
          disabled={disabled || setByEnv}
          onChange={change}
        />
      );
    const Component = custom.component as React.ComponentType<Record<string, unknown>>;
    return (
      <Component
        key={id}
        id={id}
        label={setting.display_name}
        helpText={setting.help_text}
        value={state[id]}
        disabled={disabled}
        setByEnv={setByEnv}
        config={config}
        license={{}}
        onChange={change}
        registerSaveAction={(action: SaveAction) => actions.current.add(action)}
        unRegisterSaveAction={(action: SaveAction) => actions.current.delete(action)}
        setSaveNeeded={() => setNeeded(true)}
        cancelSubmit={() => setShowConfirm("")}
        showConfirm={showConfirm === id}
      />
    );
  };
  const section = (part: Section) => {
    if (part.custom) {
      const Custom = registered.sections.get(part.key) as
        | React.ComponentType<{ settingsList: React.ReactNode[] }>
        | undefined;
      return Custom && <Custom key={part.key} settingsList={part.settings.map(element)} />;
    }
    return (
      <section key={part.key} className="config-section">
        <h2>{part.title}</h2>
        <p className="help-text">{part.subtitle}</p>
        {part.settings.map(element)}
      </section>
    );
  };
  const sections = manifest.settings_schema?.sections ?? [];
  const custom = sections.length > 0 && sections.every((part) => part.custom);

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
      <div className="console-page admin-console">
        <div className="wrapper--fixed">
          <header className="admin-console__header">
            <h1>{manifest.name}</h1>
            <small>{manifest.version}</small>
          </header>
          <div className="admin-console__wrapper">
            <div className="admin-console__content">
              <form className="form-horizontal" onSubmit={(event) => void submit(event)}>
                <EnablePlugin
                  id={enableId(manifest.id)}
                  value={enabled}
                  disabled={!mayWrite}
                  onChange={change}
                />
                {custom && registered.sections.size === 0 ? (
                  <div className="banner warning">
                    In order to view and configure plugin settings, enable the plugin and click Save.
                  </div>
                ) : (
                  <>
                    {manifest.settings_schema?.settings?.map(element)}
                    {sections.map(section)}
                  </>
                )}
              </form>
            </div>
          </div>
          <div className="admin-console-save">
            <button
              type="submit"
              id="saveSetting"
              className="save-button primary btn btn-primary"
              disabled={!needed || saving}
              onClick={(event) => void submit(event)}
            >
              {saving ? "Saving Config..." : "Save"}
            </button>
            {problem && (
              <span className="error-message problem" role="alert">
                {problem}
              </span>
            )}
          </div>
        </div>
      </div>
    </div>
  );
}
