/** Checks the options of `npm start`. A mistake is reported in one sentence. */

import type { SandboxOptions } from "./sandbox.ts";

export interface CommandLine {
  readonly fresh: boolean;
  readonly installed: boolean;
  readonly nodes: string;
  readonly subpath: string;
  readonly "site-url"?: string | undefined;
  readonly "token-version": string;
  readonly "web-app": string;
  readonly lock: readonly string[];
  readonly settings: string;
}

/** Answers the sandbox's options, or the sentence that says which one is wrong and what it accepts. */
export function readOptions(
  line: CommandLine,
  port: string | undefined,
  bundlePath: string,
): SandboxOptions | string {
  const wrong = mistake(line, port);
  if (wrong) return wrong;
  const siteUrl = line["site-url"];
  return {
    bundlePath,
    port: Number(port || 8065),
    nodes: Number(line.nodes),
    subpath: line.subpath,
    fresh: line.fresh,
    installed: line.installed,
    tokenVersion: line["token-version"] === "1" ? 1 : 2,
    webApp: line["web-app"] === "10" ? 10 : 11,
    locked: line.lock,
    settings: JSON.parse(line.settings),
    ...(siteUrl && { siteUrl }),
  };
}

function mistake(line: CommandLine, port: string | undefined): string | null {
  const { nodes, subpath, lock, settings } = line;
  const siteUrl = line["site-url"];
  const version = line["token-version"];
  if (port && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))
    return `PORT is "${port}"; it takes a number from 0 to 65535.`;
  if (!/^[1-9]$/.test(nodes)) return `--nodes is "${nodes}"; it takes a number from 1 to 9.`;
  if (!/^(?:\/[a-z0-9_-]+)*$/i.test(subpath))
    return `--subpath is "${subpath}"; it takes a path such as /chat.`;
  if (siteUrl !== undefined && !URL.canParse(siteUrl))
    return `--site-url is "${siteUrl}"; it takes an address such as http://chat.example.`;
  if (version !== "1" && version !== "2") return `--token-version is "${version}"; it takes 1 or 2.`;
  const webApp = line["web-app"];
  if (webApp !== "10" && webApp !== "11") return `--web-app is "${webApp}"; it takes 10 or 11.`;
  const path = lock.find((each) => !/^\w+(?:\.[\w-]+)+$/.test(each));
  if (path !== undefined)
    return `--lock is "${path}"; it takes a setting such as ServiceSettings.FrameAncestors.`;
  if (!isObject(settings)) return "--settings takes a JSON object.";
  return null;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
