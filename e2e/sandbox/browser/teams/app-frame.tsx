import React, { useEffect, useRef, useState } from "react";
import { type HostContext, type Oddities, TeamsHost } from "./host.ts";
import { getToken, type TeamsApp, type TeamsState } from "./state.ts";

export interface Look {
  readonly theme: "default" | "dark" | "contrast";
  readonly locale: string;
  readonly host: "Teams" | "Outlook" | "Office";
}

interface Props {
  readonly state: TeamsState;
  readonly app: TeamsApp;
  readonly entityId: string;
  readonly subEntityId: string | undefined;
  readonly look: Look;
  readonly oddities: Oddities;
  onLink(url: string): void;
  onShare(url: string): void;
}

const GIVE_UP_MS = 15_000;

/** The tab of one app in a frame of another origin, with the host's side of teams-js around it. */
export function AppFrame({ state, app, entityId, subEntityId, look, oddities, onLink, onShare }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const host = useRef<TeamsHost | null>(null);
  const [phase, setPhase] = useState<{ what: string; detail?: string }>({ what: "loading" });
  // The conversation with the app outlives re-renders, so it reads the latest values from here.
  const latest = useRef({ state, app, look, oddities, subEntityId, onLink, onShare });
  latest.current = { state, app, look, oddities, subEntityId, onLink, onShare };
  const tab = app.tabs.find((each) => each.entityId === entityId);
  const contentUrl = tab?.contentUrl;
  // Like Teams: filled in when the tab is opened, and not again when the theme changes.
  const [opened] = useState(look);
  const src = contentUrl?.replaceAll("{app.theme}", opened.theme).replaceAll("{app.locale}", opened.locale);

  useEffect(() => {
    if (!frame.current || !contentUrl) return;
    const { person, tenantId } = latest.current.state;
    const session = crypto.randomUUID();
    const made = new TeamsHost({
      frame: frame.current,
      appOrigin: new URL(contentUrl).origin,
      oddities: () => latest.current.oddities,
      context: (): HostContext => ({
        entityId,
        ...(latest.current.subEntityId && { subEntityId: latest.current.subEntityId }),
        frameContext: "content",
        userObjectId: person.objectId,
        userPrincipalName: person.userPrincipalName,
        loginHint: person.userPrincipalName,
        userDisplayName: person.displayName,
        userLicenseType: "EnterpriseE5",
        tid: tenantId,
        tenantSKU: "enterprise",
        locale: latest.current.look.locale,
        theme: latest.current.look.theme,
        hostName: latest.current.look.host,
        hostClientType: "web",
        appSessionId: session,
        sessionId: session,
        ringId: "general",
        dialogParameters: {},
      }),
      token: ({ silent }) => getToken(person.objectId, latest.current.app.entraAppId, silent !== false),
      state: (what, detail) => setPhase({ what, ...(detail && { detail }) }),
      openLink: (url) => latest.current.onLink(url),
      shareLink: (subPageId) => {
        const context = encodeURIComponent(JSON.stringify({ subEntityId: subPageId }));
        latest.current.onShare(
          `${location.origin}/l/entity/${latest.current.app.id}/${entityId}?context=${context}`,
        );
      },
      navigate: () => {},
      seen: (func, args) =>
        window.dispatchEvent(new CustomEvent("teams-message", { detail: { func, args } })),
    });
    host.current = made;
    return () => made.close();
  }, [entityId, contentUrl]);

  // Teams gives up on an app that never reports, e.g. because its server forbids the frame.
  useEffect(() => {
    if (phase.what !== "loading" || !contentUrl) return;
    const timer = setTimeout(() => setPhase({ what: "unreachable" }), GIVE_UP_MS);
    return () => clearTimeout(timer);
  }, [phase.what, contentUrl]);
  useEffect(() => host.current?.emit("themeChange", [look.theme]), [look.theme]);

  if (!contentUrl) {
    return (
      <section className="about">
        <img src={app.icon} alt="" width="72" height="72" />
        <h2>{app.displayName}</h2>
        <p>{app.description}</p>
        <p className="quiet">Version {app.version}</p>
      </section>
    );
  }
  return (
    <div className="app-frame" data-phase={phase.what}>
      {phase.what === "loading" && <div className="spinner" role="status" aria-label="Loading the app" />}
      {phase.what === "unreachable" && (
        <p className="app-failure" role="alert">
          There was a problem reaching this app. Its server does not answer, or it forbids Teams to show it in
          a frame: see Checks in the System Console.
        </p>
      )}
      {phase.what === "failure" && <p className="app-failure">The app reported: {phase.detail}</p>}
      <iframe
        ref={frame}
        name="embedded-page-container"
        title={app.displayName}
        src={src}
        allow="microphone *; camera *; display-capture *; fullscreen *; clipboard-read *; clipboard-write *; autoplay *"
      />
    </div>
  );
}
