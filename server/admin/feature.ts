/** The admin's side as a feature: console, checks, set-up, support packet, and the commands that show the state. */

import type { ActivityFeature } from "../features/activity/feature.ts";
import type { SignInFeature } from "../features/sign-in/feature.ts";
import type { TeamsAppFeature } from "../features/teams-app/feature.ts";
import { connectionStatus } from "../people/connections/command.ts";
import type { Services } from "../people/services.ts";
import type { Feature } from "../platform/feature.ts";
import { routesOnDemand } from "../platform/http/index.ts";
import type { Language } from "../platform/i18n/index.ts";
import { watchProcess } from "../platform/metrics/measured.ts";
import { onDemand } from "../platform/on-demand.ts";
import { pause } from "../runtime/mattermost/index.ts";
import { declaredRoutes } from "./declared-routes.ts";
import type { SupportFile } from "./index.ts";
import { statusCommands } from "./status-command.ts";

/** The server waits for the activation, and loading the console's code takes as long as the rest of it. */
const LOADED_AFTER_MS = 1_000;

export interface AdminFeature extends Feature {
  /** Handler of the hook GenerateSupportData. */
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
  /** Loaded after the activation, which does not need it. */
  const admin = onDemand(async () =>
    (await import("./index.ts")).createAdmin({
      ...services,
      features,
      teamsApp,
      compareVersions,
      consentTrouble: directory.consentTrouble,
      tokenVersion: () => verifier.lastVersion,
      keysInUse: () => verifier.describeKeys("2.0"),
      departures: own.signIn.departures,
    }),
  );
  const stopping = new AbortController();
  return {
    name: "admin",
    routes: routesOnDemand(declaredRoutes, async () => (await admin.load()).routes),
    commands: statusCommands({
      config,
      isSystemAdmin,
      notificationsOn: (userId) => notifications.command.isOn(userId),
      linkedAt: async (userId) => (await links.byMattermostUser([userId])).get(userId)?.linkedAt ?? null,
      connection: (userId, language) => connectionStatus(services.connections, userId, language),
      features: (userId, language) => memberStatus(features, { userId, language, log: services.log }),
      notificationsAvailable: () => notifications.state().enabled,
      checks: async () => (await admin.load()).checks,
    }),
    storedKeys: [
      {
        prefix: "checks/",
        holds: "the last report of the checks, and which problems admins got a message about",
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
    supportData: async () => (await admin.load()).supportData(),
    start() {
      watchProcess(services.metrics, version);
      pause(LOADED_AFTER_MS, stopping.signal)
        .then(admin.load)
        .then((loaded) => (stopping.signal.aborted ? undefined : loaded.start()))
        .catch((error: unknown) => services.log.error("The checks could not be started", { error }));
    },
    async stop() {
      stopping.abort();
      await (await admin.begun)?.stop();
    },
  };
}

/** A feature that fails is left out; the others still report. */
async function memberStatus(
  features: readonly Feature[],
  { language, log, userId }: { userId: string; language: Language; log: Pick<Services["log"], "warn"> },
): Promise<readonly string[]> {
  const lines = features.map(async (feature) => {
    try {
      return (await feature.memberStatus?.(userId, language)) ?? [];
    } catch (error) {
      log.warn("A feature could not say its state to a member", { feature: feature.name, error });
      return [];
    }
  });
  return (await Promise.all(lines)).flat();
}
