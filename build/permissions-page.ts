/** docs/permissions.md, printed from the permissions that the features declare, with the words of the System Console. */

import type { Feature } from "../server/platform/feature.ts";
import { permissionTables } from "../server/platform/i18n/permissions.ts";
import type { Permission } from "../server/platform/permissions.ts";
import { declaredFeatures } from "./product-features.ts";

/** Feature → its heading, and the switch that asks for the permissions. */
const headings: Readonly<Record<string, readonly [heading: string, when: string]>> = {
  "sign-in": ["Sign-in", "Always."],
  activity: ["Activity notifications", "Always, in clouds with an activity feed."],
  "teams-app": ["The Teams app", "Always."],
  chats: [
    "Teams chats",
    "While *Teams chats* is on; the permissions to write only while *Answer from Mattermost* is on.",
  ],
  channels: ["Linked channels", "While *Linked channels* is on."],
  calendar: ["Calendar", "While *Calendar* is on."],
};

const kinds: Readonly<Record<Permission["kind"], string>> = {
  sign_in: "delegated, for everybody who opens the tab",
  delegated: "delegated, for members who connect",
  application: "application",
};

export function permissionsPage(features: readonly Feature[] = declaredFeatures()): string {
  const sections = features.flatMap(({ botPermissions = [], name, permissions = [] }) => {
    if (permissions.length === 0) return [];
    const [heading, when] = headings[name] ?? [name, ""];
    const bot = botPermissions.length === 0 ? "" : " The bot account needs the delegated ones, too.";
    return `## ${heading}\n\n${when}${bot}\n\n${HEAD}\n${permissions.map(row).join("\n")}\n`;
  });
  return `# Permissions

<!-- Generated from what the features declare by "npm run generate". Do not edit. -->

What the app registration asks for at Microsoft Graph, and why. A feature that is off asks for nothing. The set-up, the
guide in the System Console and the checks use the same list. Optional means: the feature works without it, with less.

${sections.join("\n")}`;
}

const HEAD = "| Permission | Kind | What for | Without it |\n|---|---|---|---|";

function row({ kind, name, optional }: Permission): string {
  const say = permissionTables().en;
  const why = say[`why.${kind}.${name}`] ?? "";
  const without = say[`seen.without.${kind}.${name}`] ?? "";
  return `| \`${name}\` | ${kinds[kind]}${optional ? ", optional" : ""} | ${why} | ${without} |`;
}
