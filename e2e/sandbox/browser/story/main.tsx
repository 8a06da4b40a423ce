import React, { useEffect, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { control, type Info, useInfo, useLog, type WireEntry } from "./control.ts";
import { Faults } from "./faults.tsx";
import { Log } from "./log.tsx";
import type { Chapter, Screen, Step } from "./step.ts";
import { chaptersOf } from "./steps.ts";

/** Sam's Mattermost follows this page with the colours of Mattermost's own dark theme. */
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
  /** Title of the step whose button is running: its tick waits for the end. */
  const [running, setRunning] = useState<string | null>(null);
  const teams = useRef<HTMLIFrameElement>(null);
  const fresh = info?.clientId === null;
  const chapters = useMemo(() => chaptersOf(fresh), [fresh]);
  const [chapter, setChapter] = useState(0);
  const ticks = useTicks(chapters, log, running);
  const steps = chapters[chapter]?.steps ?? [];
  const done = ticks[chapter] ?? [];
  const [consolePage, setConsolePage] = useState<Step["page"] | null>(null);
  const [place, setPlace] = useState(OPERATIONS);
  const current = done.indexOf(false);

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    const value = JSON.stringify(theme === "dark" ? onyx : {});
    void control("/preference", { username: "sam", category: "theme", name: "", value });
  }, [theme]);
  /** Messages for Teams that wait until it listens; `null` when it listens. */
  const unsent = useRef<object | null>({});
  const tellTeams = (message: object) => {
    const said = { ...unsent.current, ...message };
    if (unsent.current) unsent.current = said;
    else teams.current?.contentWindow?.postMessage({ sandbox: "show", ...said }, location.origin);
  };
  useEffect(() => {
    const listener = ({ data, source }: MessageEvent) => {
      if (source !== teams.current?.contentWindow || data?.sandbox !== "ready") return;
      const said = unsent.current ?? {};
      unsent.current = null;
      teams.current?.contentWindow?.postMessage({ sandbox: "show", ...said }, location.origin);
    };
    window.addEventListener("message", listener);
    return () => window.removeEventListener("message", listener);
  }, []);
  const switchTheme = () => {
    const next = theme === "dark" ? "light" : "dark";
    setTheme(next);
    // The frame gets another address, so Teams is loaded again.
    unsent.current ??= {};
    tellTeams({ look: { theme: next === "dark" ? "dark" : "default" } });
  };

  async function run(step: Step) {
    setProblem("");
    setScreen(step.screen);
    if (step.page) setConsolePage(step.page);
    setPlace(step.place ?? OPERATIONS);
    tellTeams({ view: step.teams });
    setRunning(step.title);
    try {
      await step.does?.();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setRunning(null);
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
      <nav className="chapters" aria-label="Chapters">
        {chapters.map(({ title, steps: all }, i) => (
          <button
            key={title}
            type="button"
            aria-current={i === chapter ? "step" : undefined}
            onClick={() => setChapter(i)}
          >
            {title}{" "}
            <span>
              {ticks[i]?.filter(Boolean).length ?? 0} of {all.length}
            </span>
          </button>
        ))}
      </nav>
      <ol className="steps" style={{ "--steps": steps.length } as React.CSSProperties}>
        {steps.map((step, i) => (
          <li key={step.title} data-done={done[i]} aria-current={i === current ? "step" : undefined}>
            <span className="number" aria-hidden="true">
              {done[i] ? "✓" : i + 1}
            </span>
            <div>
              <strong>{step.title}</strong>
              <p>{step.says}</p>
            </div>
            <button type="button" disabled={running !== null} onClick={() => run(step)}>
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
            <a
              href={enter(info, screen === "console" ? consoleAddress(info, consolePage) : place)}
              target="_blank"
              rel="noreferrer"
            >
              open ↗
            </a>
          </h2>
          {(["mattermost", "console"] as const).map((each) => (
            <iframe
              key={each}
              title={each === "console" ? "System Console" : "Mattermost"}
              hidden={screen !== each}
              src={enter(
                info,
                each === "console"
                  ? consoleAddress(info, consolePage ?? chapters[0]?.steps[0]?.page ?? null)
                  : place,
              )}
            />
          ))}
        </section>
      </main>
      {drawer === "log" && <Log entries={log} />}
      {drawer === "faults" && <Faults />}
    </div>
  );
}

/** Keeps each tick, because the log has only the newest calls. */
function useTicks(
  chapters: readonly Chapter[],
  log: readonly WireEntry[],
  running: string | null,
): readonly (readonly boolean[])[] {
  const kept = useRef(new Set<string>());
  return useMemo(
    () =>
      chapters.map(({ steps }) =>
        steps.map((step) => {
          if (step.title !== running && !kept.current.has(step.title) && step.done(log))
            kept.current.add(step.title);
          return kept.current.has(step.title);
        }),
      ),
    [chapters, log, running],
  );
}

const OPERATIONS = "/harbor/channels/operations";

const consoleAddress = ({ pluginId }: Info, page: Step["page"] | null) =>
  `/admin_console/plugins/plugin_${pluginId}${page ? `#mc-tab-${page}` : ""}`;

const enter = ({ colleagueUrl }: Info, to: string) =>
  `${new URL(colleagueUrl).origin}/sandbox/enter?as=sam&to=${encodeURIComponent(to)}`;

const root = document.getElementById("root");
if (root) createRoot(root).render(<Story />);
