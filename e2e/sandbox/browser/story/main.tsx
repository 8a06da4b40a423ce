import React, { useEffect, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { control, type Info, useInfo, useLog } from "./control.ts";
import { Faults } from "./faults.tsx";
import { Log } from "./log.tsx";
import { type Screen, type Step, stepsOf } from "./steps.ts";

const mentions = [
  "@alex the depot asks for truck 2’s manifest. Can you confirm?",
  "@alex cold boxes are at gate B, they need a signature.",
  "@alex please look at the water plan before 17:00.",
];

/** Sam's Mattermost follows this page: the colours of Mattermost's own dark theme. */
const onyx = {
  type: "Onyx",
  sidebarBg: "#121317",
  sidebarText: "#ffffff",
  sidebarTextHoverBg: "#25262a",
  centerChannelBg: "#1b1d22",
  centerChannelColor: "#dddfe4",
  buttonBg: "#4a7ce8",
  buttonColor: "#ffffff",
  linkColor: "#5d89ea",
  errorTextColor: "#da6c6e",
  mentionHighlightBg: "#0d6e6e",
  mentionBg: "#4b7ce7",
  mentionColor: "#ffffff",
};

function Story() {
  const info = useInfo();
  const log = useLog();
  const [screen, setScreen] = useState<Screen>("console");
  const [theme, setTheme] = useState<"light" | "dark">(() =>
    matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
  );
  const [drawer, setDrawer] = useState<"log" | "faults" | null>(innerHeight > 850 ? "log" : null);
  const [problem, setProblem] = useState("");
  const teams = useRef<HTMLIFrameElement>(null);
  const written = useRef(0);
  const fresh = info?.clientId === null;
  const steps = useMemo(() => stepsOf(fresh), [fresh]);
  const done = useMemo(() => steps.map((step) => step.done(log)), [log, steps]);
  const [consolePage, setConsolePage] = useState<Step["page"] | null>(null);
  const current = done.indexOf(false);

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    const value = JSON.stringify(theme === "dark" ? onyx : {});
    void control("/preference", { username: "sam", category: "theme", name: "", value });
  }, [theme]);
  const tellTeams = (message: object) =>
    teams.current?.contentWindow?.postMessage({ sandbox: "show", ...message }, location.origin);
  const switchTheme = () => {
    const next = theme === "dark" ? "light" : "dark";
    setTheme(next);
    tellTeams({ look: { theme: next === "dark" ? "dark" : "default" } });
  };

  async function run(step: Step) {
    setProblem("");
    setScreen(step.screen);
    if (step.page) setConsolePage(step.page);
    try {
      if (step.action === "install") await control("/install", {});
      if (step.action === "accounts") await control("/settings", { calendar_enabled: true });
      if (step.action === "mention")
        await control("/post", {
          as: "sam",
          channel: "operations",
          message: mentions[written.current++ % mentions.length],
        });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    tellTeams({ view: step.teams });
  }

  if (!info) return null;
  return (
    <div className="story">
      <header className="bar">
        <div className="title">
          <strong>Mission Collaboration for Microsoft 365</strong>
          <span>Sandbox: a real plugin process, stand-ins around it</span>
        </div>
        <nav aria-label="Drawers">
          <button
            type="button"
            aria-pressed={drawer === "log"}
            onClick={() => setDrawer(drawer === "log" ? null : "log")}
          >
            Wires
          </button>
          <button
            type="button"
            aria-pressed={drawer === "faults"}
            onClick={() => setDrawer(drawer === "faults" ? null : "faults")}
          >
            Faults
          </button>
          <button type="button" onClick={switchTheme}>
            {theme === "dark" ? "Light" : "Dark"}
          </button>
        </nav>
      </header>
      <ol className="steps">
        {steps.map((step, i) => (
          <li key={step.title} data-done={done[i]} aria-current={i === current ? "step" : undefined}>
            <span className="number" aria-hidden="true">
              {done[i] ? "✓" : i + 1}
            </span>
            <div>
              <strong>{step.title}</strong>
              <p>{step.says}</p>
            </div>
            <button type="button" onClick={() => run(step)}>
              {step.button}
            </button>
          </li>
        ))}
      </ol>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <main>
        <section className="screen" aria-label="Teams">
          <h2>
            <span>Alex, in Teams</span>
            <a href={info.teamsUrl} target="_blank" rel="noreferrer">
              {info.teamsUrl} ↗
            </a>
          </h2>
          <iframe
            ref={teams}
            title="Teams"
            src={`/?theme=${theme === "dark" ? "dark" : "default"}`}
            allow="clipboard-write; microphone; camera; fullscreen"
          />
        </section>
        <section className="screen" aria-label="Colleague">
          <h2>
            <span>Sam, in a browser</span>
            <button
              type="button"
              aria-pressed={screen === "mattermost"}
              onClick={() => setScreen("mattermost")}
            >
              Mattermost
            </button>
            <button type="button" aria-pressed={screen === "console"} onClick={() => setScreen("console")}>
              System Console
            </button>
            <a href={enter(info, screen, consolePage)} target="_blank" rel="noreferrer">
              open ↗
            </a>
          </h2>
          {(["mattermost", "console"] as const).map((each) => (
            <iframe
              key={each}
              title={each === "console" ? "System Console" : "Mattermost"}
              hidden={screen !== each}
              src={enter(info, each, consolePage ?? steps[0]?.page)}
            />
          ))}
        </section>
      </main>
      {drawer === "log" && <Log entries={log} />}
      {drawer === "faults" && <Faults />}
    </div>
  );
}

function enter({ colleagueUrl, pluginId }: Info, screen: Screen, page: Step["page"] | null): string {
  const place = page ? `#mc-tab-${page}` : "";
  const to =
    screen === "console"
      ? `/admin_console/plugins/plugin_${pluginId}${place}`
      : "/harbor/channels/operations";
  return `${new URL(colleagueUrl).origin}/sandbox/enter?as=sam&to=${encodeURIComponent(to)}`;
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Story />);
