import React, { useEffect, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { AppFrame, type Look } from "./app-frame.tsx";
import { Feed } from "./feed.tsx";
import type { Oddities } from "./host.ts";
import { Icon } from "./icons.tsx";
import { type FeedItem, post, readDeepLink, type TeamsApp, textOf, useTeamsState } from "./state.ts";
import { Store } from "./store.tsx";
import { Switches } from "./switches.tsx";

/** The address can set the whole initial state of the page, for specs and links. */
const query = new URLSearchParams(location.search);
const startLook: Look = {
  theme: (query.get("theme") as Look["theme"] | null) ?? "default",
  locale: query.get("locale") ?? "en-us",
  host: (query.get("host") as Look["host"] | null) ?? "Teams",
};
const startOddities: Oddities = {
  silent: query.has("silent"),
  twice: query.has("twice"),
  tokenHangs: query.has("tokenHangs"),
  tokenDelay: Number(query.get("tokenDelay") ?? 0),
};

/** Pages with their own window in a frame: /chat, /channels, /calendar. */
const windows = ["chat", "channels", "calendar"] as const;
type View =
  | { name: "activity" }
  | { name: "apps" }
  | { name: (typeof windows)[number] }
  | { name: "app"; appId: string; entityId: string; subEntityId?: string; turn: number };

const windowLabels = { chat: "Chat", channels: "Teams", calendar: "Calendar" } as const;

function Teams() {
  const state = useTeamsState();
  const [look, setLook] = useState(startLook);
  const [oddities, setOddities] = useState(startOddities);
  const [view, setView] = useState<View | null>(null);
  const [panel, setPanel] = useState(false);
  const [shared, setShared] = useState<string | null>(null);
  const [toast, setToast] = useState<FeedItem | null>(null);
  const installed = useMemo(() => (state?.apps ?? []).filter((each) => each.installed), [state]);

  useEffect(() => {
    document.documentElement.dataset.theme = look.theme;
    document.documentElement.dataset.host = look.host;
  }, [look]);

  const openApp = (app: TeamsApp, entityId = app.tabs[0]?.entityId ?? "", subEntityId?: string) =>
    setView({ name: "app", appId: app.id, entityId, ...(subEntityId && { subEntityId }), turn: Date.now() });
  /** Links name an app by its catalog id; Teams finds sideloaded ones by the manifest's id. */
  const openLink = (url: string) => {
    const link = readDeepLink(url);
    const app = link && state?.apps.find((each) => each.id === link.appId || each.externalId === link.appId);
    if (app) openApp(app, link.entityId, link.subEntityId);
    else window.open(url, "_blank", "noopener");
  };

  // Each effect below reacts to one value and reads the latest others from here.
  const now = useRef({ state, installed, openApp, openLink });
  now.current = { state, installed, openApp, openLink };
  const ready = state !== null;
  useEffect(() => {
    if (!ready) return;
    if (readDeepLink(location.href)) {
      now.current.openLink(location.href);
      return;
    }
    const [first] = now.current.installed;
    if (first && query.get("view") !== "activity") now.current.openApp(first);
    else setView(first ? { name: "activity" } : { name: "apps" });
  }, [ready]);
  // The story may ask for the app before the list of apps that arrives here has it.
  const [wantsApp, setWantsApp] = useState(false);
  useEffect(() => {
    const [first] = installed;
    if (!wantsApp || !first) return;
    setWantsApp(false);
    now.current.openApp(first);
  }, [wantsApp, installed]);
  // The story page around this frame sends messages when its visitor presses a button.
  useEffect(() => {
    const listener = (event: MessageEvent) => {
      if (event.origin !== location.origin || event.data?.sandbox !== "show") return;
      if (event.data.look) setLook((before) => ({ ...before, ...event.data.look }));
      if (event.data.view) setWantsApp(event.data.view === "app");
      if (event.data.view === "activity") setView({ name: "activity" });
      if (event.data.view === "apps") setView({ name: "apps" });
      const window = windows.find((name) => name === event.data.view);
      if (window) setView({ name: window });
    };
    window.addEventListener("message", listener);
    return () => window.removeEventListener("message", listener);
  }, []);
  // Sent only now, so that the first view does not replace the view that a message of the story asks for.
  useEffect(() => {
    if (ready) parent.postMessage({ sandbox: "ready" }, location.origin);
  }, [ready]);
  const newestId = state?.activities[0]?.id;
  const seen = useRef<number | null>(null);
  useEffect(() => {
    if (!ready) return;
    const newest = now.current.state?.activities.find((each) => each.id === newestId);
    if (seen.current !== null && newest && newest.at > seen.current) {
      setToast(newest);
      setTimeout(() => setToast((shown) => (shown === newest ? null : shown)), 6_000);
    }
    seen.current = newest?.at ?? 0;
  }, [ready, newestId]);

  if (!state) return <div className="starting">Microsoft Teams (stand-in)</div>;
  const unread = state.activities.filter((each) => !each.read);
  const current = view?.name === "app" ? state.apps.find((each) => each.id === view.appId) : undefined;
  const follow = (item: FeedItem) => {
    void post("/api/activities/read", { ids: [item.id] });
    setToast(null);
    openLink(item.webUrl);
  };
  const initials = state.person.displayName
    .split(" ")
    .map((each) => each[0])
    .join("");

  return (
    <div className="teams">
      <header className="title-bar">
        <span className="brand">
          {look.host === "Teams" ? "Teams" : look.host === "Outlook" ? "Outlook" : "Microsoft 365"}
        </span>
        <div className="search" aria-hidden="true">
          Search (Ctrl+E)
        </div>
        <button
          type="button"
          className="plain"
          onClick={() => setLook({ ...look, theme: look.theme === "dark" ? "default" : "dark" })}
          aria-label="Switch theme"
          title="Switch theme"
        >
          <Icon name="theme" />
        </button>
        <button
          type="button"
          className="plain"
          aria-expanded={panel}
          onClick={() => setPanel(!panel)}
          aria-label="Host settings"
          title="Host settings"
        >
          <Icon name="settings" />
        </button>
        <span className="avatar" title={`${state.person.displayName} · ${state.person.userPrincipalName}`}>
          {initials}
        </span>
      </header>
      <nav className="rail" aria-label="Apps">
        <RailButton
          label="Activity"
          icon="bell"
          badge={unread.length}
          current={view?.name === "activity"}
          onClick={() => setView({ name: "activity" })}
        />
        {windows.map((name) => (
          <RailButton
            key={name}
            label={windowLabels[name]}
            icon={name}
            current={view?.name === name}
            onClick={() => setView({ name })}
          />
        ))}
        {installed.map((app) => (
          <RailButton
            key={app.id}
            label={app.displayName}
            image={app.icon}
            current={current?.id === app.id}
            onClick={() => openApp(app)}
          />
        ))}
        <RailButton
          label="Apps"
          icon="apps"
          current={view?.name === "apps"}
          onClick={() => setView({ name: "apps" })}
        />
      </nav>
      <main>
        {view?.name === "activity" && <Feed items={state.activities} locale={look.locale} onOpen={follow} />}
        {windows
          .filter((name) => name === view?.name)
          .map((name) => (
            <iframe
              key={name}
              className="window"
              title={windowLabels[name]}
              src={`/${name}?me=${state.person.objectId}&theme=${look.theme}`}
            />
          ))}
        {view?.name === "apps" && <Store apps={state.apps} onOpen={openApp} />}
        {current && view?.name === "app" && (
          <>
            <div className="app-bar">
              <img src={current.icon} alt="" width="24" height="24" />
              <strong>{current.displayName}</strong>
              {current.tabs.map((tab) => (
                <button
                  key={tab.entityId}
                  type="button"
                  className="tab"
                  aria-current={tab.entityId === view.entityId}
                  onClick={() => openApp(current, tab.entityId)}
                >
                  {tab.name ?? "About"}
                </button>
              ))}
            </div>
            <AppFrame
              key={`${current.id} ${view.entityId} ${view.turn}`}
              state={state}
              app={current}
              entityId={view.entityId}
              subEntityId={view.subEntityId}
              look={look}
              oddities={oddities}
              onLink={openLink}
              onShare={setShared}
            />
          </>
        )}
      </main>
      {panel && <Switches look={look} setLook={setLook} oddities={oddities} setOddities={setOddities} />}
      {toast && (
        <button type="button" className="toast" onClick={() => follow(toast)}>
          <strong>{textOf(toast, look.locale)}</strong>
          <span>{toast.preview}</span>
        </button>
      )}
      {shared && (
        <dialog open className="shared">
          <p>Link to this tab</p>
          <input readOnly value={shared} aria-label="Link" />
          <button type="button" onClick={() => setShared(null)}>
            Close
          </button>
        </dialog>
      )}
    </div>
  );
}

interface RailButtonProps {
  readonly label: string;
  readonly icon?: string;
  readonly image?: string;
  readonly badge?: number;
  readonly current?: boolean;
  readonly onClick?: () => void;
}

function RailButton({ label, icon, image, badge = 0, current = false, onClick }: RailButtonProps) {
  return (
    <button
      type="button"
      className="rail-button"
      aria-current={current}
      disabled={!onClick}
      onClick={onClick}
    >
      {image ? <img src={image} alt="" width="24" height="24" /> : <Icon name={icon ?? ""} />}
      <span>{label}</span>
      {badge > 0 && <b className="badge">{badge}</b>}
    </button>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Teams />);
