/** The admin's side: console, checks, set-up, support packet, and the commands that show their state. */

import type { ActivityFeature } from "../features/activity/feature.ts";
import type { SignInFeature } from "../features/sign-in/feature.ts";
import type { TeamsAppFeature } from "../features/teams-app/feature.ts";
import { connectionStatus } from "../people/connections/command.ts";
import type { Services } from "../people/services.ts";
import type { Feature } from "../platform/feature.ts";
import { watchProcess } from "../platform/metrics/measured.ts";
import { createAdmin, type SupportFile } from "./index.ts";
import { statusCommands } from "./status-command.ts";

export interface AdminFeature extends Feature {
  /** Hook GenerateSupportData. */
  supportData(): Promise<SupportFile[]>;
}

export function adminFeature(
  services: Services,
  version: string,
  features: {
    readonly signIn: SignInFeature;
    readonly activity: ActivityFeature;
    readonly teamsApp: TeamsAppFeature;
  },
): AdminFeature {
  const { config, directory, isSystemAdmin, links, verifier } = services;
  const { notifications } = features.activity;
  const { teamsApp, compareVersions } = features.teamsApp;
  const admin = createAdmin({
    ...services,
    teamsApp,
    compareVersions,
    consentTrouble: directory.consentTrouble,
    tokenVersion: () => verifier.lastVersion,
    keysInUse: () => verifier.describeKeys("2.0"),
    departures: features.signIn.departures,
  });
  return {
    name: "admin",
    routes: admin.routes,
    commands: statusCommands({
      config,
      isSystemAdmin,
      notificationsOn: (userId) => notifications.command.isOn(userId),
      linkedAt: async (userId) => (await links.byMattermostUser([userId])).get(userId)?.linkedAt ?? null,
      connection: (userId, language) => connectionStatus(services.connections, userId, language),
      notificationsAvailable: () => notifications.state().enabled,
      runChecks: (userId) => admin.checks.run(userId),
    }),
    storedKeys: [
      {
        prefix: "checks/",
        holds: "the last report of the checks, and what admins were told",
        until: "replaced",
      },
      {
        prefix: "setup/credential",
        holds: "the end of the credential that the set-up made, eight hex digits of its hash",
        until: "replaced",
      },
      {
        prefix: "import/before",
        holds: "settings before an import from the earlier plugin, without secrets",
        until: "Put my settings back",
      },
    ],
    supportData: admin.supportData,
    start() {
      admin.start();
      watchProcess(services.metrics, version);
    },
    stop: () => admin.stop(),
  };
}
