/** The steps of `setup` in a shell: options, sign-in, plan, run, result. */

import type { parseArgs } from "node:util";
import { buildConfig, type Config, type ConfigSource } from "../microsoft/config/index.ts";
import { askThroughFaults, type DelegatedToken, startDeviceCode } from "../microsoft/entra/device-code.ts";
import { permissionsFor, SIGN_IN_CLIENT } from "../microsoft/entra/sign-in-client.ts";
import { applicationsOf } from "../microsoft/graph/applications.ts";
import { createGraphClient } from "../microsoft/graph/client.ts";
import { type Fetch, outgoingFetch } from "../microsoft/network/index.ts";
import type { DeclaredPermissions } from "../platform/permissions.ts";
import { product } from "../platform/product.ts";
import { applyRegistration, type Made, readCurrent } from "./setup/apply.ts";
import {
  type Desired,
  desiredRegistration,
  planRegistration,
  registrationNeeds,
  type Step,
} from "./setup/plan.ts";
import { azureCliScript, graphPowerShellScript } from "./setup/scripts.ts";

export const options = {
  "site-url": { type: "string", default: "" },
  "tenant-id": { type: "string", default: "" },
  "client-id": { type: "string", default: "" },
  "app-name": { type: "string", default: "Mattermost" },
  "secret-months": { type: "string", default: "12" },
  features: { type: "string", default: "" },
  cloud: { type: "string", default: "commercial" },
  "login-url": { type: "string", default: "" },
  "graph-url": { type: "string", default: "" },
  "ca-file": { type: "string", default: "" },
  for: { type: "string", default: "azure-cli" },
  output: { type: "string", default: "human" },
  "dry-run": { type: "boolean", default: false },
  yes: { type: "boolean", short: "y", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export interface Terminal {
  /** Prints results, which may be piped. */
  readonly out: (text: string) => void;
  /** Prints everything else that a person reads. */
  readonly say: (text: string) => void;
  readonly ask: (question: string) => Promise<string>;
  readonly sleep: (ms: number) => Promise<unknown>;
}

export class UsageError extends Error {}

/** The options that fill the settings, because a person at a shell does not know setting names. */
const optionOf: Readonly<Record<string, string>> = {
  national_cloud: "--cloud",
  custom_login_url: "--login-url",
  custom_graph_url: "--graph-url",
  custom_teams_url: "--login-url",
  custom_ca_certificates: "--ca-file",
  m365_tenant_id: "--tenant-id",
  m365_client_id: "--client-id",
};

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

interface Setup {
  readonly verb: string;
  readonly values: Values;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly permissions: () => DeclaredPermissions;
  readonly terminal: Terminal;
}

export async function setup({ verb, values, environment, permissions, terminal }: Setup): Promise<number> {
  const text = (name: keyof typeof options) => String(values[name] ?? "");
  const months = Number(text("secret-months"));
  if (!Number.isInteger(months) || months < 0 || months > 24) {
    throw new UsageError("--secret-months is a number from 0 to 24");
  }
  if (!["human", "json", "env", "mattermost"].includes(text("output"))) {
    throw new UsageError("--output is human, json, env or mattermost");
  }
  const config = await configOf(text);
  const { siteUrl, cloud } = config;
  if (!siteUrl?.secure) throw new UsageError("--site-url is the https address of the Mattermost server");

  const clientId = text("client-id") || null;
  const desired = desiredRegistration({
    displayName: text("app-name"),
    hostname: siteUrl.hostname,
    secretMonths: months === 0 || verb === "validate" ? null : months,
    moreClientIds: [],
    needs: registrationNeeds(permissions(), config.section, `${siteUrl.url}/plugins/${product.id}`),
  });
  if (verb === "script") {
    const print = { "azure-cli": azureCliScript, powershell: graphPowerShellScript }[text("for")];
    if (!print) throw new UsageError("--for is azure-cli or powershell");
    terminal.out(
      print({
        ...desired,
        cloud: cloud.name,
        tenantId: text("tenant-id"),
        secretMonths: months || 12,
        moreClientIds: [],
      }),
    );
    return 0;
  }
  if (verb === "validate" && clientId === null) throw new UsageError("setup validate needs --client-id");

  const source: ConfigSource = { current: config, onChange: () => () => {} };
  const fetch = outgoingFetch(source, environment);
  const token = await signIn(config, text("tenant-id"), fetch, terminal);
  const tokens = {
    token: () => Promise.reject(new Error("the command line has no credential of the app")),
    forget: () => {},
  };
  const applications = applicationsOf(
    createGraphClient({ config: source, tokens, fetch }),
    token.accessToken,
  );
  const current = await readCurrent(applications, clientId);
  if (clientId !== null && !current.application)
    throw new UsageError(`the tenant has no registration ${clientId}`);
  const steps = planRegistration(current, desired);
  terminal.say(`\n${planText(steps)}\n`);
  const open = steps.filter(({ action }) => action !== "keep");
  if (verb === "validate") {
    if (text("output") === "json") terminal.out(`${JSON.stringify({ steps }, null, 2)}\n`);
    return open.length === 0 ? 0 : 1;
  }
  if (values["dry-run"] || open.length === 0) {
    if (text("output") === "json") terminal.out(`${JSON.stringify({ steps }, null, 2)}\n`);
    return 0;
  }
  if (!values.yes && !/^y(es)?$/i.test(await terminal.ask("Make these changes? [y/N] "))) return 1;
  return apply({ applications, current, desired, config, token, output: text("output"), terminal });
}

interface Apply {
  readonly applications: ReturnType<typeof applicationsOf>;
  readonly current: Awaited<ReturnType<typeof readCurrent>>;
  readonly desired: Desired;
  readonly config: Config;
  readonly token: DelegatedToken;
  readonly output: string;
  readonly terminal: Terminal;
}

async function apply({
  applications,
  current,
  desired,
  config,
  token,
  output,
  terminal,
}: Apply): Promise<number> {
  let printed = 0;
  let made: Made | null = null;
  const applied = await applyRegistration(current, desired, {
    applications,
    newId: () => crypto.randomUUID(),
    now: () => new Date(),
    sleep: terminal.sleep,
    onProgress: (progress) => {
      const over = progress.filter(({ state }) => state !== "waiting" && state !== "running");
      for (const { step, state, says } of over.slice(printed)) {
        terminal.say(`${state.padEnd(9)} ${step.kind}${says ? `: ${says}` : ""}\n`);
      }
      printed = Math.max(printed, over.length);
    },
    save: async (result) => {
      made = result;
      return async () => {};
    },
  });
  if (!applied.ok || made === null) {
    terminal.say("\nNothing was left behind: every step was taken back. The reason is above.\n");
    return 1;
  }
  if (applied.deferred.length > 0) {
    const consent = `${config.cloud.loginUrl}/${token.tenantId}/adminconsent?client_id=${applied.clientId}`;
    terminal.say(`\nA Privileged Role Administrator still has to grant consent:\n${consent}\n`);
  }
  terminal.out(resultText(output, made, token.tenantId));
  return 0;
}

const FEATURES = ["chats", "channels", "calendar"];

/** The settings that switch these features on. */
function switchesOf(names: string): Record<string, boolean> {
  const features = names.split(/[\s,]+/).filter((name) => name !== "");
  const unknown = features.find((name) => !FEATURES.includes(name));
  if (unknown !== undefined) throw new UsageError(`--features takes ${FEATURES.join(", ")}, not ${unknown}`);
  return Object.fromEntries(features.map((name) => [`${name}_enabled`, true]));
}

async function configOf(text: (name: keyof typeof options) => string): Promise<Config> {
  const settings = {
    ...switchesOf(text("features")),
    national_cloud: text("cloud"),
    custom_login_url: text("login-url"),
    custom_graph_url: text("graph-url"),
    // No page is opened here, but a custom cloud is complete only with this address.
    custom_teams_url: text("cloud") === "custom" ? text("login-url") : "",
    custom_ca_certificates: text("ca-file") ? await readFile(text("ca-file")) : "",
    m365_tenant_id: text("tenant-id"),
    m365_client_id: text("client-id"),
  };
  const config = buildConfig(settings, { siteUrl: text("site-url") });
  const wrong = config.problems.find(
    ({ setting }) =>
      ["national_cloud", "custom_login_url", "custom_graph_url", "custom_ca_certificates"].includes(
        setting,
      ) ||
      (setting === "m365_tenant_id" && settings.m365_tenant_id !== "") ||
      (setting === "m365_client_id" && settings.m365_client_id !== ""),
  );
  if (wrong) throw new UsageError(`${optionOf[wrong.setting] ?? wrong.setting} ${wrong.says}`);
  return config;
}

async function readFile(path: string): Promise<string> {
  try {
    return await Bun.file(path).text();
  } catch (error) {
    const { code } = error as { code?: unknown };
    throw new UsageError(`--ca-file ${path} cannot be read (${String(code ?? "unknown")})`);
  }
}

async function signIn(
  config: Config,
  tenantId: string,
  fetch: Fetch,
  terminal: Terminal,
): Promise<DelegatedToken> {
  const device = { cloud: config.cloud, tenant: tenantId || "organizations", fetch, now: Date.now };
  const { name, id } = SIGN_IN_CLIENT;
  terminal.say(
    `The sign-in goes through Microsoft's own program ${name} (${id}) and asks for ${permissionsFor.setup.join(", ")}.
Your consent stays in Entra until it is removed; docs/admin-guide.md says how. "setup script" needs none of it.\n`,
  );
  const code = await startDeviceCode(device, permissionsFor.setup);
  terminal.say(`Open ${code.verificationUri} and enter ${code.userCode}\n`);
  for (let pause = code.intervalMs; ; ) {
    await terminal.sleep(pause);
    const answer = await askThroughFaults(device, code);
    if (answer.state === "signed_in") {
      terminal.say(`Signed in as ${answer.token.account} (tenant ${answer.token.tenantId})\n`);
      return answer.token;
    }
    if (answer.state === "slow_down") pause += 5_000;
    else if (answer.state !== "pending") {
      throw new Error(
        `the sign-in was ${answer.state}${answer.state === "refused" ? `: ${answer.detail}` : ""}`,
      );
    }
  }
}

function planText(steps: readonly Step[]): string {
  const marks = { create: "+", change: "~", keep: "=" } as const;
  return steps
    .map(({ kind, action, detail }) => `  ${marks[action]} ${kind.padEnd(15)} ${detail}`)
    .join("\n");
}

function resultText(output: string, { clientId, secret }: Made, tenantId: string): string {
  const settings = {
    m365_tenant_id: tenantId,
    m365_client_id: clientId,
    ...(secret ? { m365_client_secret: secret.text } : {}),
  };
  if (output === "json")
    return `${JSON.stringify({ ...settings, secret_expires: secret?.ends ?? null }, null, 2)}\n`;
  if (output === "mattermost") {
    return `${JSON.stringify({ PluginSettings: { Plugins: { [product.id]: settings } } }, null, 2)}\n`;
  }
  if (output === "env") {
    const lines = Object.entries(settings).map(([key, value]) => `${key.toUpperCase()}=${value}\n`);
    return lines.join("");
  }
  return [
    "",
    `Directory (tenant) ID:   ${tenantId}`,
    `Application (client) ID: ${clientId}`,
    ...(secret
      ? [
          `Client secret:           ${secret.text}`,
          `Expires:                 ${secret.ends.toISOString().slice(0, 10)}`,
        ]
      : []),
    "",
  ].join("\n");
}
