/** The open page, and links to a field. Pages and sections use it. */

import plugin from "../../../plugin.json";
import { notify } from "./live.ts";

export const pageKeys = plugin.settings_schema.sections.map((section) => section.key);
const pageOf = new Map(
  plugin.settings_schema.sections.flatMap((section) =>
    section.settings.map((setting) => [setting.key, section.key] as const),
  ),
);

/** A new admin starts with the set-up; later, the first question is whether everything works. */
let open = "connect";
let isChosen = false;
export function openPage(page: string): void {
  open = page;
  isChosen = true;
  notify();
}
export function begin(isSetUp: boolean): void {
  if (!isChosen && isSetUp) openPage("overview");
}

export const isOpen = (page: string): boolean => open === page;

/** A place in the console, as the server names it (server/platform/system.ts). */
export interface Place {
  readonly page: string;
  readonly part?: string;
  readonly setting?: string;
}

/** Shows a place and moves the focus there, because the pressed button may be on a page that is now closed. */
export function goTo({ page, part, setting }: Place): void {
  if (setting !== undefined) {
    goToSetting(setting);
    return;
  }
  openPage(page);
  setTimeout(() => {
    const place = part && document.querySelector(`[data-part="${CSS.escape(part)}"]`);
    if (!place) return document.getElementById(`mc-tab-${page}`)?.focus();
    place.scrollIntoView({ block: "start" });
    const first = place.querySelector<HTMLElement>(".btn-primary:not(:disabled), .mc-dialog");
    (first ?? place.querySelector<HTMLElement>("button:not(:disabled), input, a, select"))?.focus();
  });
}

/** Shows the field of a setting, on whichever page, and focuses it. */
export function goToSetting(key: string): void {
  if (key === "SiteURL") {
    const host = (window as { basename?: string }).basename ?? "";
    window.open(`${host}/admin_console/environment/web_server`, "_blank", "noopener");
    return;
  }
  openPage(pageOf.get(key) ?? "connect");
  setTimeout(() => {
    const field = document.querySelector(`[data-setting="${CSS.escape(key)}"]`);
    const box = field?.closest("[data-box]");
    box?.querySelector<HTMLElement>('[aria-expanded="false"]')?.click();
    setTimeout(() => field?.querySelector<HTMLElement>("input, select, textarea, button")?.focus());
  });
}
