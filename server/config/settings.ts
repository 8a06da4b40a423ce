/**
 * The plugin's settings as the admin types them: one row a setting, its rule and its default.
 * To add a setting: a row here, the same key in plugin.json, a place in config.ts, a word in docs/admin-guide.md.
 *
 * A bad value never stops the plugin, or the admin could not repair it: it becomes a `Problem`, and the
 * default, which is the safe choice, takes its place.
 */

import { z } from "zod";

export interface Problem {
  readonly setting: string;
  /** A sentence for the admin: what is wrong and what is expected. Never contains the value of a secret. */
  readonly says: string;
}

const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const optional = <T extends z.ZodType>(rule: T) => rule.or(z.literal("")).default("" as never);

const guid = optional(
  z.string().trim().toLowerCase().regex(GUID, "must be a GUID such as 11111111-2222-3333-4444-555555555555"),
);

/** Without trailing slash; msal-node and browsers accept nothing but https. */
const httpsUrl = optional(
  z
    .string()
    .trim()
    .transform((text) => text.replace(/\/+$/, ""))
    .refine(
      (text) => isUrl(text, (url) => url.protocol === "https:"),
      "must be an https address without query",
    ),
);

const teamsUrl = optional(
  z
    .string()
    .trim()
    .transform((text) => text.replace(/\/+$/, ""))
    .refine(
      (text) =>
        isUrl(
          text,
          (url) => url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)),
        ),
      "must be an https address (http only on localhost)",
    ),
);

function isUrl(text: string, accept: (url: URL) => boolean): boolean {
  try {
    const url = new URL(text);
    return url.search === "" && url.hash === "" && url.username === "" && url.password === "" && accept(url);
  } catch {
    return false;
  }
}

/** Credentials belong into a proxy's address, unlike into any other. */
function isProxy(text: string): boolean {
  return URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}

const isLoopback = (hostname: string) =>
  hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";

/** Mattermost stores booleans of custom settings as booleans or as text, depending on who wrote them. */
const flag = z.preprocess(
  (value) => (value === "true" ? true : value === "false" ? false : value),
  z.boolean(),
);

/** Text of at most so many characters, counted as the manifest schema counts them. */
const text = (most: number) =>
  z
    .string()
    .trim()
    .refine((value) => [...value].length <= most, `must have at most ${most} characters`)
    .default("");

/** A CSP host-source with https, one wildcard label at most in front, no path. */
const HOST_SOURCE = /^https:\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/i;

/** Several values in one field, separated by commas, semicolons or blanks, as people type them. */
const list = (item: z.ZodType<string, string>) =>
  z
    .string()
    .transform((text) => text.split(/[\s,;]+/).filter((part) => part !== ""))
    .pipe(z.array(item).max(100, "has more than 100 entries"))
    .default([]);

/** The System Console stores numbers as numbers, `mmctl` and environment variables as text. */
const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number("must be a number")
    .int("must be a whole number")
    .min(min, `must be ${min} or more`)
    .max(max, `must be ${max} or less`);

export const settingRules = {
  m365_tenant_id: guid,
  m365_client_id: guid,
  m365_client_secret: z.string().trim().max(1024, "is longer than any client secret").default(""),
  /** A second secret that works beside the first, for the time of a rotation. */
  m365_client_secret_2: z.string().trim().max(1024, "is longer than any client secret").default(""),
  m365_client_certificate: z
    .string()
    .trim()
    .max(64 * 1024, "is longer than any certificate with its chain")
    .default(""),
  m365_federated_token_file: z
    .string()
    .trim()
    .refine((path) => path === "" || path.startsWith("/"), "must be an absolute path")
    .default(""),
  national_cloud: z.enum(["commercial", "gcchigh", "dod", "china", "custom"]).default("commercial"),
  custom_login_url: httpsUrl,
  custom_graph_url: httpsUrl,
  custom_teams_url: teamsUrl,
  custom_ca_certificates: z
    .string()
    .trim()
    .refine(
      (text) =>
        text === "" ||
        /^(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/.test(text),
      "must be one or more certificates in PEM form",
    )
    .default(""),
  app_id: guid,
  app_version: z
    .string()
    .trim()
    .regex(/^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/, "must be three numbers such as 1.0.0")
    .default("1.0.0"),
  app_name: z
    .string()
    .trim()
    .refine((text) => text !== "" && [...text].length <= 30, "must have 1 to 30 characters")
    .default("Mattermost"),
  app_full_name: text(100),
  app_short_description: text(80),
  app_full_description: text(4000),
  app_publisher: text(32),
  app_website_url: httpsUrl,
  app_privacy_url: httpsUrl,
  app_terms_url: httpsUrl,
  app_accent_color: z
    .string()
    .trim()
    .regex(/^#[0-9a-f]{6}$/i, "must be a colour such as #1E325C")
    .default("#1E325C"),
  app_manifest_version: z.enum(["latest", "1.22", "1.19", "1.17", "1.16", "1.13"]).default("latest"),
  /** One tab a line, `Name | address`; server/teams-app reads and judges the lines. */
  app_extra_tabs: text(8000),
  /** Off: the tenant-wide TeamsActivity.Send is granted, and installing stays simple (microsoft.md 5.2). */
  app_resource_specific_consent: flag.default(false),
  /** CSP host sources beside those of the cloud, e.g. a host page of one's own. */
  extra_frame_ancestors: z
    .string()
    .trim()
    .refine(
      (value) => value.split(/[\s,]+/).every((source) => source === "" || HOST_SOURCE.test(source)),
      "must be addresses such as https://portal.example.com, separated by blanks",
    )
    .default(""),
  disable_user_activity_notifications: flag.default(false),
  /** What an activity may say at most; the server's own push setting counts where it is stricter. */
  notification_content: z.enum(["server", "sender_and_channel", "sender", "nothing"]).default("server"),
  /** Nobody wants yesterday's mention at 3 am. */
  notification_expiry_minutes: z.preprocess(
    (value) => (value === "" || value === undefined ? 120 : Number(value)),
    z
      .number("must be a number of minutes")
      .int("must be whole minutes")
      .min(5, "must be at least 5 minutes")
      .max(1440, "must be at most 1440 minutes, which is a day"),
  ),
  /** For members who never chose: nothing until they switch it on, and nothing while they are online. */
  notification_opt_in: flag.default(false),
  notification_only_when_away: flag.default(false),
  outgoing_proxy: optional(
    z
      .string()
      .trim()
      .refine(
        (text) => isProxy(text),
        "must be an http or https address such as http://proxy.example.com:3128",
      ),
  ),
  /** Clients besides Microsoft's well-known ones that may ask for the tab's token. */
  additional_client_ids: list(z.string().toLowerCase().regex(GUID, "must be GUIDs, separated by commas")),
  /** `directory_only` refuses a first sign-in while the directory cannot be read for the person. */
  email_source: z.enum(["directory_or_token", "directory_only"]).default("directory_or_token"),
  /** Accounts whose address nobody confirmed: a stranger may have registered them in advance. */
  unverified_emails: z.enum(["closed_server", "never"]).default("closed_server"),
  allowed_email_domains: list(
    z
      .string()
      .toLowerCase()
      .transform((text) => text.replace(/^@/, ""))
      .refine((text) => /^([a-z0-9-]+\.)+[a-z0-9-]+$/.test(text), "must be domains such as example.com"),
  ),
  allow_guests: flag.default(false),
  system_admin_sign_in: z.enum(["directory", "always", "never"]).default("directory"),
  mfa_accounts: z.enum(["claim", "trust_entra", "never"]).default("claim"),
  provision_accounts: flag.default(false),
  provision_username: z.enum(["email", "user_principal_name"]).default("email"),
  provision_teams: list(z.string().toLowerCase()),
  provision_channels: list(z.string().toLowerCase()),
  /** 0: as long as the server's own sessions. Never longer than those. */
  session_hours: wholeNumber(0, 24 * 365).default(0),
} as const;

export type Settings = { readonly [K in keyof typeof settingRules]: z.output<(typeof settingRules)[K]> };

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
    const result = rule.safeParse(values.get(key) ?? undefined);
    if (result.success) {
      settings[key] = result.data;
    } else {
      settings[key] = rule.parse(undefined);
      problems.push({ setting: key, says: sentence(result.error) });
    }
  }
  return { settings: settings as Settings, problems };
}

/** The first rule's own words; of a union (value or empty) those of the value's rule. */
function sentence(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue?.code === "invalid_union") return issue.errors[0]?.[0]?.message ?? issue.message;
  return issue?.message ?? "is not valid";
}
