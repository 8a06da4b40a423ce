/** Checks that need nobody but this Mattermost server. */

import type { Config } from "../../config/index.ts";
import type { Fetch } from "../../network/index.ts";
import { compareFrameAncestors } from "../frame-ancestors.ts";
import { type Finding, ok, problem, unknown, warning } from "./report.ts";

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
    if (!doubt) return ok("Every setting is filled in and valid.");
    const evidence = warnings.map(({ setting, says }) => `${setting} ${says}`).join("; ");
    return warning(evidence, "Look at the settings that are named.", doubt.setting);
  }
  const list = problems.map(({ setting, says }) => `${setting} ${says}`).join("; ");
  // Without a secret sign-in works; without the rest nothing does.
  const onlySecret = problems.every(({ setting }) => setting === "m365_client_secret");
  const answer = onlySecret ? warning : problem;
  return answer(list, "Fill in or correct the settings that are named.", first.setting);
}

export function siteUrlCheck({ siteUrl }: Config, server: ServerSettings): Finding {
  const where = "System Console > Environment > Web Server > Site URL";
  if (server.siteUrl.trim() === "") return problem("Site URL is empty.", `Set it under ${where}.`);
  if (!siteUrl) return problem(`${server.siteUrl} is not a web address.`, `Correct it under ${where}.`);
  if (!siteUrl.secure) {
    return problem(
      `${siteUrl.url} is not https.`,
      `Microsoft 365 shows https pages only, and browsers keep no cookies in a frame without it. Serve Mattermost over https and change ${where}.`,
    );
  }
  if (/^\d+(\.\d+){3}$|^\[/.test(siteUrl.hostname)) {
    return warning(
      `${siteUrl.hostname} is an address, not a name.`,
      "Entra accepts no Application ID URI with an IP address. Use the host's name.",
    );
  }
  return ok(siteUrl.url);
}

export function frameAncestorsCheck(config: Config, server: ServerSettings): Finding {
  const { missing } = compareFrameAncestors(server.frameAncestors, config.cloud.frameAncestors, []);
  if (missing.length === 0) return ok(`All hosts of the cloud "${config.cloud.name}" are allowed.`);
  return problem(
    `ServiceSettings.FrameAncestors lacks ${missing.join(" ")}`,
    "Press Add on the page Connect to Microsoft. Where the setting comes from the environment, extend MM_SERVICESETTINGS_FRAMEANCESTORS.",
    "frame_ancestors",
  );
}

export function cookiesCheck({ siteUrl }: Config, server: ServerSettings): Finding {
  if (!siteUrl?.secure) return unknown("Depends on an https Site URL.");
  if (server.allowCookiesForSubdomains) {
    return warning(
      "ServiceSettings.AllowCookiesForSubdomains is on.",
      "Session cookies reach every sub-domain. The tab works, but switch it off unless another system needs it.",
    );
  }
  return ok("The tab's cookies are Secure, SameSite=None and Partitioned.");
}

export async function siteReachableCheck({ siteUrl }: Config, fetch: Fetch): Promise<Finding> {
  if (!siteUrl) return unknown("There is no Site URL.");
  try {
    const response = await fetch(`${siteUrl.url}/api/v4/system/ping`);
    await response.body?.cancel();
    if (response.ok) return ok(`${siteUrl.url} answered ${response.status}.`);
    return problem(
      `${siteUrl.url}/api/v4/system/ping answered ${response.status}.`,
      "Something between Microsoft 365 and Mattermost answers in its place. Look at the reverse proxy.",
    );
  } catch (error) {
    if (isCertificateError(error)) {
      return problem(
        `The certificate of ${siteUrl.host} is not trusted.`,
        "Clients must trust it too. Install the whole chain, or add the authority under Network.",
        "custom_ca_certificates",
      );
    }
    return warning(
      `This server cannot reach ${siteUrl.url} itself.`,
      "Not necessarily wrong: many networks forbid it. Open the address on a client to be sure.",
    );
  }
}

/** Reverse proxies like to add X-Frame-Options, which overrules everything that Mattermost sends. */
export async function frameHeadersCheck(config: Config, fetch: Fetch): Promise<Finding> {
  const { siteUrl, cloud } = config;
  if (!siteUrl) return unknown("There is no Site URL.");
  for (const path of ["/", `${pluginPath}/tab`]) {
    let headers: Headers;
    try {
      const response = await fetch(siteUrl.url + path);
      await response.body?.cancel();
      headers = response.headers;
    } catch {
      return unknown(`${siteUrl.url}${path} could not be read from this server.`);
    }
    const framing = headers.get("X-Frame-Options");
    const policy = /frame-ancestors ([^;]*)/i.exec(headers.get("Content-Security-Policy") ?? "")?.[1];
    if (framing !== null) {
      return problem(
        `${path} is sent with X-Frame-Options: ${framing}`,
        "Remove this header in the reverse proxy. Mattermost itself sends none once frame ancestors are set.",
      );
    }
    const { missing } = compareFrameAncestors(policy ?? "*", cloud.frameAncestors, []);
    if (missing.length > 0) {
      return problem(
        `${path} is sent with frame-ancestors that lack ${missing[0]}`,
        "Add the hosts on the page Connect to Microsoft; a reverse proxy must not replace the policy.",
        "frame_ancestors",
      );
    }
  }
  return ok("Neither the tab nor Mattermost forbids the frame.");
}

function isCertificateError(error: unknown): boolean {
  const text =
    error instanceof Error
      ? `${error.name} ${error.message} ${String((error as { code?: unknown }).code)}`
      : "";
  return /CERT|certificate|SELF_SIGNED|UNABLE_TO_VERIFY/i.test(text);
}
