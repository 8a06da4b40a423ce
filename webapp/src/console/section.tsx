/** Shows the sections of plugin.json as pages behind tabs. */

import * as React from "react";
import { Lazy } from "../host/lazy.tsx";
import { isSystemAdmin, loadEnvironment, ReadOnly } from "./access.ts";
import { resetBaseline, useDraftWatch } from "./draft.ts";
import { keyOf } from "./fields.tsx";
import { textOf, useLive } from "./live.ts";
import { begin, isOpen, openPage, pageKeys } from "./navigation.ts";
import type { PageProps } from "./page.ts";
import { AccountsPage } from "./pages/accounts.tsx";
import { ChangesPage } from "./pages/changes.tsx";
import { ChecksPage } from "./pages/checks.tsx";
import { ConnectPage } from "./pages/connect.tsx";
import { FeaturesPage } from "./pages/features.tsx";
import { LinksPage } from "./pages/links.tsx";
import { NotificationsPage } from "./pages/notifications.tsx";
import { SignInPage } from "./pages/sign-in.tsx";
import { TeamsAppPage } from "./pages/teams-app.tsx";
import { type HostSetting, useSaveAction, useSaveGuard } from "./save-guard.ts";
import { SaveReport } from "./save-report.tsx";
import { styles } from "./styles.ts";
import { currentLocale, type Key, t } from "./translate.ts";

type Field = React.ReactElement<HostSetting & { readonly disabled?: boolean }>;

const pages: Readonly<Record<string, (props: PageProps) => React.ReactElement | null>> = {
  connect: ConnectPage,
  teams_app: TeamsAppPage,
  sign_in: SignInPage,
  notifications: NotificationsPage,
  changes: ChangesPage,
  checks: ChecksPage,
  links: LinksPage,
  accounts: AccountsPage,
  features: FeaturesPage,
  ...Object.fromEntries(["overview", "chats", "channels", "calendar"].map((key) => [key, latePage(key)])),
};

/** A page without fields; its code is loaded when it is first opened. */
function latePage(key: string): () => React.ReactElement | null {
  return function LatePage() {
    const [wasOpen, setWasOpen] = React.useState(false);
    const open = isOpen(key);
    React.useEffect(() => {
      if (open) setWasOpen(true);
    }, [open]);
    if (!wasOpen) return null;
    const load = async () => (await import("./systems/pages.tsx")).systemPages[key] ?? (() => null);
    return <Lazy language={currentLocale()} load={load} />;
  };
}

export interface SectionProps {
  readonly page: string;
  /** Ready-made elements of the section's settings. */
  readonly settingsList?: readonly Field[];
}

export function Section({ page, settingsList }: SectionProps): React.ReactElement {
  useLive();
  const here = React.useRef<HTMLDivElement>(null);
  const settings = settingsList?.map((element) => element.props) ?? [];
  useSaveGuard(settings, here);
  const Page = pages[page] ?? ConnectPage;
  const fields = (...keys: string[]) =>
    keys.map((wanted) => settingsList?.find((element) => keyOf(element.props.id ?? "") === wanted));
  return (
    <div className="mc-console" ref={here}>
      {page === pageKeys[0] && <Head first={settings[0]} />}
      <div
        id={`mc-panel-${page}`}
        role="tabpanel"
        aria-labelledby={`mc-tab-${page}`}
        hidden={!isOpen(page)}
        className="config-section mc-panel"
      >
        <ReadOnly.Provider value={settings.some(({ disabled }) => disabled === true)}>
          {/* Hidden pages stay mounted, because their fields publish what was typed there. */}
          <Page fields={fields} />
        </ReadOnly.Provider>
      </div>
    </div>
  );
}

function Head({ first }: { first: HostSetting | undefined }): React.ReactElement {
  const config = first?.config;
  useDraftWatch();
  useSaveAction(first);
  React.useEffect(() => void loadEnvironment(), []);
  React.useEffect(() => {
    // Waits until the fields of the other sections have published their values.
    const timer = setTimeout(() => begin(textOf("m365_client_id") !== ""));
    return () => clearTimeout(timer);
  }, []);
  // The host has another configuration: after Save, or because one of our panels loaded a newer one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the host's configuration is another one
  React.useEffect(() => resetBaseline(), [config]);
  return (
    <>
      <style>{styles}</style>
      {!isSystemAdmin() && <p className="alert alert-warning">{t("access.delegated")}</p>}
      <SaveReport />
      <Tabs />
    </>
  );
}

/** The tabs pattern of the ARIA authoring practices: one tab stop, arrows, Home and End. */
function Tabs(): React.ReactElement {
  const list = React.useRef<HTMLDivElement>(null);
  const move = (event: React.KeyboardEvent) => {
    const at = pageKeys.findIndex(isOpen);
    const last = pageKeys.length - 1;
    const next: Record<string, number> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const target = pageKeys[next[event.key] ?? -1];
    if (target === undefined) return;
    event.preventDefault();
    openPage(target);
    list.current?.querySelector<HTMLElement>(`#mc-tab-${target}`)?.focus();
  };
  return (
    <div className="mc-tabs" role="tablist" aria-label={t("tabs.label")} ref={list} onKeyDown={move}>
      {pageKeys.map((key) => (
        <button
          key={key}
          type="button"
          role="tab"
          id={`mc-tab-${key}`}
          aria-controls={`mc-panel-${key}`}
          aria-selected={isOpen(key)}
          tabIndex={isOpen(key) ? 0 : -1}
          onClick={() => openPage(key)}
        >
          {t(`page.${key}` as Key)}
        </button>
      ))}
    </div>
  );
}
