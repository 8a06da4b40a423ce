/** Checks that need only this Mattermost server. */

import type { Config } from "../../microsoft/config/index.ts";
import type { Fetch } from "../../microsoft/network/index.ts";
import { compareFrameAncestors } from "../frame-ancestors.ts";
import { type Finding, ok, problem, see, unknown, warning } from "./report.ts";

/** The server's own settings that decide whether the tab can work. */
export interface ServerSettings {
  readonly siteUrl: string;
  readonly frameAncestors: string;
  readonly allowCookiesForSubdomains: boolean;
}

export const pluginPath = "/plugins/mission-collaboration";

export function settingsCheck({ problems, warnings }: Config): Finding {
  const [first] = problems;
  if (!first) {
    const [doubt] = warnings;
    if (!doubt) return ok("settings_ok");
    return { ...warning([], "doubts", doubt.setting), problems: warnings };
  }
  // Sign-in works without a secret; nothing works without the others.
  const onlySecret = problems.every(({ setting }) => setting === "m365_client_secret");
  const answer = onlySecret ? warning : problem;
  return { ...answer([], "settings", first.setting), problems };
}

export function siteUrlCheck({ siteUrl }: Config, server: ServerSettings): Finding {
  if (server.siteUrl.trim() === "") return problem("site_url_empty", "site_url", "SiteURL");
  if (!siteUrl) return problem(see("site_url_bad", { url: server.siteUrl }), "site_url", "SiteURL");
  if (!siteUrl.secure) return problem(see("site_url_http", { url: siteUrl.url }), "https", "SiteURL");
  if (/^\d+(\.\d+){3}$|^\[/.test(siteUrl.hostname)) {
    return warning(see("site_url_ip", { host: siteUrl.hostname }), "host_name", "SiteURL");
  }
  return ok(see("site_url", { url: siteUrl.url }));
}

export function frameAncestorsCheck(config: Config, server: ServerSettings): Finding {
  const { missing } = compareFrameAncestors(server.frameAncestors, config.cloud.frameAncestors, []);
  if (missing.length === 0) return ok(see("ancestors_ok", { cloud: config.cloud.name }));
  return problem(see("ancestors_missing", { hosts: missing.join(" ") }), "ancestors", "frame_ancestors");
}

export function cookiesCheck({ siteUrl }: Config, server: ServerSettings): Finding {
  if (!siteUrl?.secure) return unknown("cookies_https");
  if (server.allowCookiesForSubdomains) return warning("cookies_subdomains", "subdomains");
  return ok("cookies_ok");
}

export async function siteReachableCheck({ siteUrl }: Config, fetch: Fetch): Promise<Finding> {
  if (!siteUrl) return unknown("no_site_url");
  const ping = `${siteUrl.url}/api/v4/system/ping`;
  try {
    const response = await fetch(ping);
    await response.body?.cancel();
    if (response.ok) return ok(see("site_answered", { url: siteUrl.url, status: response.status }));
    return problem(see("site_answered", { url: ping, status: response.status }), "site_proxy");
  } catch (error) {
    return isCertificateError(error)
      ? problem(see("site_certificate", { host: siteUrl.host }), "site_certificate", "custom_ca_certificates")
      : warning(see("site_unreachable", { url: siteUrl.url }), "site_unreachable");
  }
}

/**
 * Mattermost sends `X-Frame-Options: SAMEORIGIN` with every page. Browsers ignore that header when the policy has
 * frame-ancestors (CSP level 3, 6.4.2.2), so it matters only for a page without them.
 */
export async function frameHeadersCheck(config: Config, fetch: Fetch): Promise<Finding> {
  const { siteUrl, cloud } = config;
  if (!siteUrl) return unknown("no_site_url");
  for (const path of ["/", `${pluginPath}/tab`]) {
    const url = siteUrl.url + path;
    let headers: Headers;
    try {
      const response = await fetch(url);
      await response.body?.cancel();
      headers = response.headers;
    } catch {
      return unknown(see("frame_unread", { url }));
    }
    const policies = framePolicies(headers.get("Content-Security-Policy"));
    const value = headers.get("X-Frame-Options");
    if (policies.length === 0 && value !== null) {
      return problem(see("frame_header", { path, value }), "frame_header", "frame_ancestors");
    }
    // Each policy must allow the frame: the server's policy does not override a proxy's stricter one.
    for (const policy of policies) {
      const [host] = compareFrameAncestors(policy, cloud.frameAncestors, []).missing;
      if (host) return problem(see("frame_policy", { path, host }), "frame_policy", "frame_ancestors");
    }
  }
  return ok("frame_ok");
}

/** Returns the frame-ancestors of every policy; several headers arrive joined by commas. */
function framePolicies(header: string | null): string[] {
  return (header ?? "").split(",").flatMap((policy) => {
    const directive = policy
      .split(";")
      .map((part) => part.trim())
      .find((part) => /^frame-ancestors(\s|$)/i.test(part));
    return directive === undefined ? [] : [directive.replace(/^frame-ancestors\s*/i, "")];
  });
}

function isCertificateError(error: unknown): boolean {
  const text =
    error instanceof Error
      ? `${error.name} ${error.message} ${String((error as { code?: unknown }).code)}`
      : "";
  return /CERT|certificate|SELF_SIGNED|UNABLE_TO_VERIFY/i.test(text);
}
