import React, { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { ChannelPage } from "./channel-page.tsx";
import { Console } from "./console/console.tsx";
import { type Session, useSession } from "./data.ts";
import { Login } from "./login.tsx";
import { loadPlugins, registered, usePlugins } from "./plugin-host.ts";
import { browserHistory, usePath } from "./router.ts";
import { useTheme } from "./theme.ts";

function App({ onSignedIn }: { onSignedIn(): void }) {
  const path = usePath();
  const session = useSession();
  const signedIn = typeof session === "object";
  const [loaded, setLoaded] = useState(false);
  // The System Console is always light, whatever the admin's theme.
  useTheme(signedIn && !path.startsWith("/admin_console") ? themeOf(session) : "{}");
  useEffect(() => {
    if (signedIn) void loadPlugins().then(() => setLoaded(true));
  }, [signedIn]);
  useEffect(() => {
    if (session === "signed out" && path !== "/login")
      browserHistory.replace(`/login?redirect_to=${encodeURIComponent(path)}`);
  }, [session, path]);

  if (path === "/login") return <Login onSignedIn={onSignedIn} />;
  if (!signedIn) return <div className="starting" role="status" aria-label="Loading" />;
  const isConsole = path.startsWith("/admin_console");
  return (
    <>
      {isConsole ? loaded && <Console session={session} /> : <ChannelPage path={path} session={session} />}
      {loaded && <PluginRoots />}
    </>
  );
}

/** Components that plugins show over every page. */
function PluginRoots() {
  usePlugins();
  return (
    <>
      {[...registered.root].map(([id, Component]) => (
        <Component key={id} />
      ))}
    </>
  );
}

/** The theme for the team, else for all teams. */
const themeOf = ({ preferences, teams }: Session) =>
  preferences.get(`theme--${teams[0]?.id}`) ?? preferences.get("theme--") ?? "{}";

function Root() {
  // Signing in loads the session's data again.
  const [times, setTimes] = useState(0);
  return <App key={times} onSignedIn={() => setTimes(times + 1)} />;
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Root />);
