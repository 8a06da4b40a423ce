/** Which page is open, and the way to a field. Pages and sections both use it. */

import plugin from "../../../plugin.json";
import { notify } from "./live.ts";

export const pageKeys = plugin.settings_schema.sections.map((section) => section.key);
const pageOf = new Map(
  plugin.settings_schema.sections.flatMap((section) =>
    section.settings.map((setting) => [setting.key, section.key] as const),
  ),
);

let open = pageKeys[0] ?? "";
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
    const box = field?.closest("[data-box]");
    box?.querySelector<HTMLElement>('[aria-expanded="false"]')?.click();
    setTimeout(() => field?.querySelector<HTMLElement>("input, select, textarea, button")?.focus());
  });
}
