/** The admin's side: console, checks, set-up, support packet, and the commands that show their state. */

import type { ActivityFeature } from "../features/activity/feature.ts";
import type { SignInFeature } from "../features/sign-in/feature.ts";
import type { TeamsAppFeature } from "../features/teams-app/feature.ts";
import { connectionStatus } from "../people/connections/command.ts";
import type { Services } from "../people/services.ts";
import type { Feature } from "../platform/feature.ts";
import { routesOnDemand } from "../platform/http/index.ts";
import { watchProcess } from "../platform/metrics/measured.ts";
import { createCredentialEnd } from "./credential-end.ts";
import type { Admin, SupportFile } from "./index.ts";
import { adminRouteList } from "./route-list.ts";
import { statusCommands } from "./status-command.ts";

const HOUR_MS = 3_600_000;

export interface AdminFeature extends Feature {
  /** Hook GenerateSupportData. */
  supportData(): Promise<SupportFile[]>;
}

export function adminFeature(
  services: Services,
  version: string,
  own: {
    readonly signIn: SignInFeature;
    readonly activity: ActivityFeature;
    readonly teamsApp: TeamsAppFeature;
  },
  features: readonly Feature[],
): AdminFeature {
  const { config, directory, isSystemAdmin, links, verifier } = services;
  const { notifications } = own.activity;
  const { teamsApp, compareVersions } = own.teamsApp;
  const credentialEnd = createCredentialEnd(config, services.kv);
  let room: Promise<Admin> | null = null;
  /** Loaded with the first request of an admin, the first round of checks, or the first change of settings. */
  const load = () => {
    room ??= import("./index.ts").then(({ createAdmin }) =>
      createAdmin({
        ...services,
        ...{ features, teamsApp, compareVersions, credentialEnd },
        consentTrouble: directory.consentTrouble,
        tokenVersion: () => verifier.lastVersion,
        keysInUse: () => verifier.describeKeys("2.0"),
        departures: own.signIn.departures,
      }),
    );
    return room;
  };
  let job: { stop(): Promise<void> } | null = null;
  let endWatch: (() => void) | null = null;
  return {
    name: "admin",
    routes: routesOnDemand(adminRouteList, async () => (await load()).routes),
    commands: statusCommands({
      config,
      isSystemAdmin,
      notificationsOn: (userId) => notifications.command.isOn(userId),
      linkedAt: async (userId) => (await links.byMattermostUser([userId])).get(userId)?.linkedAt ?? null,
      connection: (userId, language) => connectionStatus(services.connections, userId, language),
      notificationsAvailable: () => notifications.state().enabled,
      checks: async () => (await load()).checks,
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
    supportData: async () => (await load()).supportData(),
    start() {
      watchProcess(services.metrics, version);
      services.metrics.watch(
        "credential_days_left",
        "Days until the credential in use ends; NaN where unknown",
        () => credentialEnd.daysLeft(new Date()),
      );
      // Hourly: the round itself looks whether a day has passed, also after a restart or on another node.
      job ??= services.cluster.runOnOneNode(
        "admin.checks",
        { everyMs: HOUR_MS, leaseMs: 120_000 },
        async () => (await load()).checks.daily(),
      );
      void credentialEnd.look();
      endWatch ??= config.onChange(() => {
        void credentialEnd.look();
        load()
          .then(({ checks }) => checks.changed())
          .catch((error: unknown) =>
            services.log.warn("checks could not be loaded", { error: String(error) }),
          );
      });
    },
    async stop() {
      endWatch?.();
      endWatch = null;
      const ended = job?.stop();
      job = null;
      (await room?.catch(() => null))?.checks.stop();
      await ended;
    },
  };
}
