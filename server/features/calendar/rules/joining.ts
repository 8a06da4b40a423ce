/**
 * Finds the link to join a meeting. Zoom, Webex and Meet put their links only into the location or the text.
 */

import type { CalendarEvent } from "./event.ts";

export type MeetingService = "teams" | "zoom" | "webex" | "meet" | "other";

export interface JoinLink {
  /** Always https. */
  readonly url: string;
  readonly service: MeetingService;
}

/**
 * Hosts (including their subdomains) and the paths that lead into a meeting rather than to a help page or a download.
 */
const services: readonly (readonly [MeetingService, readonly string[], RegExp])[] = [
  [
    "teams",
    [
      "teams.microsoft.com",
      "teams.live.com",
      "teams.cloud.microsoft",
      "teams.microsoft.us",
      "teams.microsoftonline.cn",
    ],
    /^\/(l\/meetup-join|meet|l\/meeting)\//,
  ],
  ["zoom", ["zoom.us", "zoom.com", "zoomgov.com", "zoom.com.cn"], /^\/(j|w|s|my|wc|launch)\//],
  ["webex", ["webex.com", "webex.com.cn"], /^\/(meet|join|m|j\.php|[^/]+\/j\.php|webappng|wbxmjs)\b/],
  ["meet", ["meet.google.com"], /^\/([a-z]{3}-[a-z]{4}-[a-z]{3}|lookup\/)/],
];

/** Nobody puts a link by hand beyond this length. */
const SEARCHED_CHARACTERS = 10_000;

/** Answers the meeting's own room, else the first link of a known service, else null. */
export function joinLink({ joinUrl, location, bodyPreview }: CalendarEvent): JoinLink | null {
  const own = httpsUrl(joinUrl);
  if (own) return { url: own.href, service: serviceOf(own) ?? "other" };
  for (const text of [location, bodyPreview]) {
    for (const url of urlsIn(text)) {
      const service = serviceOf(url);
      if (service) return { url: url.href, service };
    }
  }
  return null;
}

function urlsIn(text: string): URL[] {
  const words = text.slice(0, SEARCHED_CHARACTERS).split(/[\s<>"'()[\]{}|;,]+/u);
  return words.flatMap((word) => {
    const at = word.toLowerCase().indexOf("https://");
    const url = at < 0 ? null : httpsUrl(word.slice(at).replace(/[.!?:]+$/, ""));
    return url ? [unwrapped(url)] : [];
  });
}

/** Outlook wraps links into one of its own that checks them. */
function unwrapped(url: URL): URL {
  if (!isBelow(url.hostname, "safelinks.protection.outlook.com")) return url;
  return httpsUrl(url.searchParams.get("url") ?? "") ?? url;
}

/** Refuses a user name in the link (https://teams.microsoft.com@evil.example), which is there to mislead. */
function httpsUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url?.protocol === "https:" && url.username === "" && url.password === "" ? url : null;
}

function serviceOf({ hostname, pathname }: URL): MeetingService | null {
  const found = services.find(
    ([, hosts, path]) => hosts.some((host) => isBelow(hostname, host)) && path.test(pathname),
  );
  return found?.[0] ?? null;
}

function isBelow(hostname: string, host: string): boolean {
  return hostname === host || hostname.endsWith(`.${host}`);
}
