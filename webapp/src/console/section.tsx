/** Six sections of plugin.json become six pages behind tabs. */

import * as React from "react";
import plugin from "../../../plugin.json";
import { useDraftWatch } from "./draft.ts";
import { keyOf } from "./fields.tsx";
import { notify, useLive } from "./live.ts";
import { ChecksPage } from "./pages/checks.tsx";
import { ConnectPage } from "./pages/connect.tsx";
import { LinksPage } from "./pages/links.tsx";
import { NotificationsPage } from "./pages/notifications.tsx";
import { SignInPage } from "./pages/sign-in.tsx";
import { TeamsAppPage } from "./pages/teams-app.tsx";
import { styles } from "./styles.ts";
import { type Key, t } from "./translate.ts";

type Field = React.ReactElement<{ id?: string }>;

export interface PageProps {
  /** The fields of these settings, in this order; those that the host does not show are left out. */
  readonly fields: (...keys: string[]) => React.ReactNode;
}

const pages: Readonly<Record<string, (props: PageProps) => React.ReactElement | null>> = {
  connect: ConnectPage,
  teams_app: TeamsAppPage,
  sign_in: SignInPage,
  notifications: NotificationsPage,
  checks: ChecksPage,
  links: LinksPage,
};

const sectionKeys = plugin.settings_schema.sections.map((section) => section.key);
const pageOf = new Map(
  plugin.settings_schema.sections.flatMap((section) =>
    section.settings.map((setting) => [setting.key, section.key] as const),
  ),
);

let open = sectionKeys[0] ?? "";
export function openPage(page: string): void {
  open = page;
  notify();
}

export const isOpen = (page: string): boolean => open === page;

/** Shows the field of a setting, whichever page it is on, and puts the cursor there. */
export function goToSetting(key: string): void {
  if (key === "SiteURL") {
    const host = (window as { basename?: string }).basename ?? "";
    window.open(`${host}/admin_console/environment/web_server`, "_blank", "noopener");
    return;
  }
  openPage(pageOf.get(key) ?? "connect");
  setTimeout(() => {
    const field = document.querySelector(`[data-setting="${CSS.escape(key)}"]`);
    field?.closest("details")?.setAttribute("open", "");
    field?.querySelector<HTMLElement>("input, select, textarea, button")?.focus();
  });
}

export interface SectionProps {
  readonly page: string;
  /** Ready-made elements of the section's settings. */
  readonly settingsList?: readonly Field[];
}

export function Section({ page, settingsList }: SectionProps): React.ReactElement {
  useLive();
  const Page = pages[page] ?? ConnectPage;
  const fields = (...keys: string[]) =>
    keys.map((wanted) => settingsList?.find((element) => keyOf(element.props.id ?? "") === wanted));
  return (
    <div className="mc-console">
      {page === sectionKeys[0] && <Head />}
      <div
        id={`mc-panel-${page}`}
        role="tabpanel"
        aria-labelledby={`mc-tab-${page}`}
        hidden={open !== page}
        className="config-section mc-panel"
      >
        {/* Hidden pages stay mounted: their fields publish what was typed there. */}
        <Page fields={fields} />
      </div>
    </div>
  );
}

function Head(): React.ReactElement {
  useDraftWatch();
  return (
    <>
      <style>{styles}</style>
      <Tabs />
    </>
  );
}

/** The tabs pattern of the ARIA authoring practices: one tab stop, arrows, Home and End. */
function Tabs(): React.ReactElement {
  const list = React.useRef<HTMLDivElement>(null);
  const move = (event: React.KeyboardEvent) => {
    const at = sectionKeys.indexOf(open);
    const last = sectionKeys.length - 1;
    const next: Record<string, number> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const target = sectionKeys[next[event.key] ?? -1];
    if (target === undefined) return;
    event.preventDefault();
    openPage(target);
    list.current?.querySelector<HTMLElement>(`#mc-tab-${target}`)?.focus();
  };
  return (
    <div className="mc-tabs" role="tablist" aria-label={t("tabs.label")} ref={list} onKeyDown={move}>
      {sectionKeys.map((key) => (
        <button
          key={key}
          type="button"
          role="tab"
          id={`mc-tab-${key}`}
          aria-controls={`mc-panel-${key}`}
          aria-selected={open === key}
          tabIndex={open === key ? 0 : -1}
          onClick={() => openPage(key)}
        >
          {t(`page.${key}` as Key)}
        </button>
      ))}
    </div>
  );
}
