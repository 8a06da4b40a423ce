/**
 * The plugin's settings as the admin types them: one row a setting, its rule and its default.
 * To add a setting: a row here, the same key in plugin.json, a place in config.ts, a word in docs/admin-guide.md.
 *
 * A value that cannot be read never stops the plugin, or the admin could not repair it: it becomes a `Problem`, and
 * what unreadable.ts declares for the setting takes its place.
 */

import type { ProblemCode } from "../i18n/problems.ts";
import { isKeyText } from "../store/key-text.ts";
import { GUID, pastedGuid, pastedValue, pastedWords } from "./pasted.ts";
import { type Problem, problemWith, strictProblem } from "./problem.ts";
import { readProxyAddress } from "./proxy-address.ts";
import { NOBODY, type Unreadable, unreadable } from "./unreadable.ts";

/** By hand and not with zod: the settings are read at every start, and their schemas would cost it 5 ms. */
interface Rule<T> {
  readonly initial: T;
  /** `value` is set. Throws `Wrong` with the code of the sentence. */
  read(value: unknown): T;
}

type Fault =
  | ProblemCode
  | { readonly code: ProblemCode; readonly values: Readonly<Record<string, string | number>> };

class Wrong extends Error {
  readonly fault: Fault;
  /** The part of the value that could be read. */
  readonly kept: unknown;
  constructor(fault: Fault, kept?: unknown) {
    super(typeof fault === "string" ? fault : fault.code);
    this.fault = fault;
    this.kept = kept;
  }
}

function accept(good: boolean, fault: Fault): void {
  if (!good) throw new Wrong(fault);
}

function string(value: unknown): string {
  if (typeof value !== "string") throw new Wrong("not_text");
  return value;
}

/** One value, without what came along when it was pasted. */
function trimmed(
  fault: Fault,
  isGood: (text: string) => boolean,
  { initial = "", clean = pastedValue, tidy = (text: string) => text } = {},
): Rule<string> {
  return {
    initial,
    read(value) {
      const text = tidy(clean(string(value)));
      accept(isGood(text), fault);
      return text;
    },
  };
}

/** An empty field counts as one that was never set; blanks alone are a mistake. */
function optional<T>(rule: Rule<T>): Rule<T> {
  return { initial: rule.initial, read: (value) => (value === "" ? rule.initial : rule.read(value)) };
}

/** At most so many UTF-16 units. */
const short = (most: number, fault: Fault) => trimmed(fault, (text) => text.length <= most);

/** Certificates and keys in PEM form: certificates.ts reads them, text around the blocks included. */
const pem = (most: number, fault: Fault) =>
  trimmed(fault, (text) => text.length <= most, { clean: (text) => text.trim() });

/** At most so many characters, counted as the manifest schema counts them. */
const text = (most: number) =>
  trimmed({ code: "too_long", values: { most } }, (value) => [...value].length <= most, {
    clean: pastedWords,
  });

const guid = optional(
  trimmed("guid", (id) => GUID.test(id), {
    clean: pastedGuid,
  }),
);

/** Without trailing slash. */
function address(fault: Fault, isGood: (url: URL) => boolean): Rule<string> {
  return optional(
    trimmed(fault, (text) => isUrl(text, isGood), { tidy: (text) => text.replace(/\/+$/, "") }),
  );
}

/** msal-node and browsers accept nothing but https. */
const httpsUrl = address("https_url", ({ protocol }) => protocol === "https:");

/** Pages for people, unlike endpoints: a query and a fragment are part of many of them. */
const pageUrl = optional(trimmed("page_url", isPage, { tidy: tidyPage }));

const teamsUrl = address(
  "teams_url",
  ({ protocol, hostname }) => protocol === "https:" || (protocol === "http:" && isLoopback(hostname)),
);

function isPage(text: string): boolean {
  if (!URL.canParse(text) || text.length > 2048) return false;
  const { protocol, username, password } = new URL(text);
  return protocol === "https:" && username === "" && password === "";
}

/** The manifest takes ASCII alone: letters of other scripts and blanks are escaped, the host becomes Punycode. */
function tidyPage(text: string): string {
  const plain = /[^\x21-\x7e]/.test(text) && URL.canParse(text) ? new URL(text).href : text;
  return /[?#]/.test(plain) ? plain : plain.replace(/\/+$/, "");
}

function isUrl(text: string, isGood: (url: URL) => boolean): boolean {
  try {
    const url = new URL(text);
    // A bare `?` or `#` leaves search and hash empty, and swallows every path that is joined to the address.
    return !/[?#]/.test(text) && url.username === "" && url.password === "" && isGood(url);
  } catch {
    return false;
  }
}

const proxyAddress: Rule<string> = {
  initial: "",
  read(value) {
    const read = readProxyAddress(pastedValue(string(value)));
    if ("code" in read) throw new Wrong(read.code);
    return read.address;
  },
};

const isLoopback = (hostname: string) =>
  hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";

/** Mattermost stores booleans of custom settings as booleans or as text, depending on who wrote them. */
const flag: Rule<boolean> = {
  initial: false,
  read(value) {
    const text = typeof value === "string" ? value.trim().toLowerCase() : value;
    if (text === true || text === "true") return true;
    if (text === false || text === "false" || text === "") return false;
    throw new Wrong("not_boolean");
  },
};

/** A boolean that is true by default. In plugin.json it is a dropdown: plugin-json.test.ts says why. */
const flagOn: Rule<boolean> = optional({ initial: true, read: flag.read });

/** The first is the default. */
function choice<const T extends string>(...options: readonly [T, ...T[]]): Rule<T> {
  return {
    initial: options[0],
    read(value) {
      const text = typeof value === "string" ? value.trim().toLowerCase() : value;
      const chosen = options.find((option) => option === text);
      if (chosen === undefined) throw new Wrong({ code: "choice", values: { options: options.join(", ") } });
      return chosen;
    },
  };
}

/** A CSP host-source with https, one wildcard label at most in front, no path. */
const HOST_SOURCE = /^https:\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/i;

/** Several values in one field, separated by commas, semicolons or blanks, as people type them; in lower case. */
function list(
  fault: Fault = "not_text",
  isGood: (text: string) => boolean = () => true,
  tidy = (text: string) => text,
): Rule<readonly string[]> {
  return {
    initial: [],
    read(value) {
      const items = string(value)
        .split(/[\s,;]+/)
        .filter((part) => part !== "")
        .map((part) => tidy(pastedValue(part).toLowerCase()))
        .filter((part) => part !== "");
      accept(items.length <= 100, { code: "too_many", values: { most: 100 } });
      accept(items.every(isGood), fault);
      return items;
    },
  };
}

const DOMAIN = /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** A list where empty means everybody. Entries that cannot be read never make it empty. */
function restriction(
  fault: Fault,
  isGood: (text: string) => boolean,
  tidy?: (text: string) => string,
): Rule<readonly string[]> {
  return {
    initial: [],
    read(value) {
      const entries = list(fault, undefined, tidy).read(value);
      const good = entries.filter(isGood);
      // A field with nothing but separators in it was meant to restrict something.
      const isMeant = entries.length > 0 || string(value).trim() === "";
      if (good.length < entries.length || !isMeant) throw new Wrong(fault, good.length > 0 ? good : NOBODY);
      return good;
    },
  };
}

/** Domains of addresses. `*.example.com` is example.com and everything below it. */
const domains = restriction(
  "domains",
  (domain) => DOMAIN.test(domain),
  (text) => text.replace(/^@/, "").replace(/\.$/, ""),
);

/** As in the address of the team: model.IsValidTeamName of the server, without its reserved words. */
const isTeamName = (text: string) => /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text);

/** Accounts that get a right: those that can be read keep it. */
const userIds: Rule<readonly string[]> = {
  initial: [],
  read(value) {
    const entries = list().read(value);
    const good = entries.filter((id) => /^[a-z0-9]{26}$/.test(id));
    if (good.length < entries.length) throw new Wrong("user_ids", good);
    return good;
  },
};

/** The System Console stores numbers as numbers, `mmctl` and environment variables as text. */
function wholeNumber(
  [min, initial, max]: readonly [number, number, number],
  fault: Readonly<Record<"number" | "whole" | "min" | "max", Fault>>,
): Rule<number> {
  return {
    initial,
    read(value) {
      accept(typeof value === "number" || typeof value === "string", fault.number);
      const number = Number(value);
      accept(Number.isFinite(number), fault.number);
      accept(Number.isSafeInteger(number), fault.whole);
      accept(number >= min, fault.min);
      accept(number <= max, fault.max);
      return number;
    },
  };
}

const count = (range: readonly [min: number, initial: number, max: number]) =>
  wholeNumber(range, {
    number: "not_number",
    whole: "not_whole",
    min: { code: "min", values: { min: range[0] } },
    max: { code: "max", values: { max: range[2] } },
  });

const sealingKey = trimmed("sealing_key", (text) => text === "" || isKeyText(text));

export const settingRules = {
  m365_tenant_id: guid,
  m365_client_id: guid,
  m365_client_secret: short(1024, "secret_long"),
  /** A second secret that works beside the first, for the time of a rotation. */
  m365_client_secret_2: short(1024, "secret_long"),
  m365_client_certificate: pem(64 * 1024, "certificate_long"),
  m365_federated_token_file: trimmed("absolute_path", (path) => path === "" || path.startsWith("/")),
  national_cloud: choice("commercial", "gcchigh", "dod", "china", "custom"),
  custom_login_url: httpsUrl,
  custom_graph_url: httpsUrl,
  custom_teams_url: teamsUrl,
  custom_ca_certificates: pem(1024 * 1024, "ca_long"),
  /** In place of the site URL, where Microsoft reaches this server by another address. */
  notification_url: httpsUrl,
  change_delivery: choice("webhook", "polling"),
  app_id: guid,
  app_version: trimmed(
    "version",
    (text) => /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/.test(text),
    { initial: "1.0.0" },
  ),
  app_name: trimmed("app_name", (text) => text !== "" && [...text].length <= 30, {
    initial: "Mattermost",
    clean: pastedWords,
  }),
  app_full_name: text(100),
  app_short_description: text(80),
  app_full_description: text(4000),
  app_publisher: text(32),
  app_website_url: pageUrl,
  app_privacy_url: pageUrl,
  app_terms_url: pageUrl,
  app_accent_color: trimmed("color", (text) => /^#[0-9a-f]{6}$/i.test(text), {
    initial: "#1E325C",
  }),
  app_manifest_version: choice("latest", "1.22", "1.19", "1.17", "1.16", "1.13"),
  /** One tab a line, `Name | address`; server/features/teams-app reads and judges the lines. */
  app_extra_tabs: text(8000),
  /** Off: the tenant-wide TeamsActivity.Send is granted, and installing stays simple (docs/facts/microsoft.md 5.2). */
  app_resource_specific_consent: flag,
  /** CSP host sources beside those of the cloud, e.g. a host page of one's own. */
  extra_frame_ancestors: trimmed("ancestors", (value) =>
    value.split(/[\s,]+/).every((source) => source === "" || HOST_SOURCE.test(source)),
  ),
  disable_user_activity_notifications: flag,
  /** What an activity may say at most; the server's own push setting counts where it is stricter. */
  notification_content: choice("server", "sender_and_channel", "sender", "nothing"),
  /** Nobody wants yesterday's mention at 3 am. */
  notification_expiry_minutes: optional(
    wholeNumber([5, 120, 1440], {
      number: "not_minutes",
      whole: "whole_minutes",
      min: { code: "min_minutes", values: { min: 5 } },
      max: { code: "max_minutes", values: { max: 1440 } },
    }),
  ),
  /** For members who never chose: nothing until they switch it on, and nothing while they are online. */
  notification_opt_in: flag,
  notification_only_when_away: flag,
  outgoing_proxy: optional(proxyAddress),
  /** Clients besides Microsoft's well-known ones that may ask for the tab's token. */
  additional_client_ids: list("guids", (id) => GUID.test(id), pastedGuid),
  /** `directory_only` refuses a first sign-in while the directory cannot be read for the person. */
  email_source: choice("directory_or_token", "directory_only"),
  /** Accounts whose address nobody confirmed: a stranger may have registered them in advance. */
  unverified_emails: choice("closed_server", "never"),
  allowed_email_domains: domains,
  allow_guests: flag,
  system_admin_sign_in: choice("directory", "always", "never"),
  mfa_accounts: choice("claim", "trust_entra", "never"),
  provision_accounts: flag,
  provision_username: choice("email", "user_principal_name"),
  provision_teams: list(),
  provision_channels: list(),
  /** 0: as long as the server's own sessions. Never longer than those. */
  session_hours: count([0, 0, 24 * 365]),
  /** Seals what must not be readable in the store: 32 bytes in base64. */
  encryption_key: sealingKey,
  encryption_key_previous: sealingKey,
  /** 0 stops new connections; whoever was connected once may always reconnect. */
  connected_accounts_limit: count([0, 1000, 1_000_000]),
  connected_accounts_restricted: flag,
  connect_different_email: flag,
  /** Invitations that nobody has answered yet. 0: nobody is invited. */
  pending_invitations_limit: count([0, 0, 100_000]),
  enforce_connected_accounts: flag,
  allow_skip_connecting: flag,
  /** Members of these teams are asked to connect; empty: of every team. */
  enforce_teams: list("team_names", isTeamName),
  chats_enabled: flag,
  /** The member's switch after connecting. */
  chats_default_on: flagOn,
  chats_reply: flag,
  /** A larger file becomes a line with a link; the server's own limit is checked too. */
  chats_max_file_size_mb: optional(count([0, 20, 100_000])),
  channels_enabled: flag,
  channels_enabled_teams: restriction("team_names", isTeamName),
  channels_sync_guests: flagOn,
  calendar_enabled: flag,
  calendar_admin_user_ids: userIds,
  calendar_admin_log_level: choice("none", "debug", "info", "warn", "error"),
  calendar_admin_log_verbose: flag,
} as const;

export type Settings = {
  readonly [K in keyof typeof settingRules]: (typeof settingRules)[K] extends Rule<infer T> ? T : never;
};

/** A setting without a declaration does not compile. */
const instead: { readonly [K in keyof Settings]: Unreadable<Settings[K]> } = unreadable;

/** `raw` is the JSON of LoadPluginConfiguration. The server lower-cases the keys, as all of ours are. */
export function parseSettings(raw: unknown): { settings: Settings; problems: Problem[] } {
  const values = new Map(
    Object.entries(typeof raw === "object" && raw !== null ? raw : {}).map(([key, value]) => [
      key.toLowerCase(),
      value,
    ]),
  );
  const problems: Problem[] = [];
  const settings: Record<string, unknown> = {};
  for (const [key, rule] of Object.entries(settingRules)) {
    settings[key] = rule.initial;
    const value: unknown = values.get(key);
    if (value === undefined || value === null) continue;
    try {
      settings[key] = rule.read(value);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      const { fault } = error;
      const strict = instead[key as keyof Settings];
      if (strict !== "default") settings[key] = error.kept ?? strict.value;
      const problem =
        typeof fault === "string" ? problemWith(key, fault) : problemWith(key, fault.code, fault.values);
      problems.push(strict === "default" ? problem : strictProblem(problem));
    }
  }
  return { settings: settings as Settings, problems };
}
