/** The app package for Teams, Outlook and Microsoft 365. */

import type { Services } from "../../people/services.ts";
import { compareVersions } from "../../platform/compare-versions.ts";
import type { Feature } from "../../platform/feature.ts";
import { onDemand } from "../../platform/on-demand.ts";
import type { TeamsApp } from "./index.ts";

export interface TeamsAppFeature extends Feature {
  readonly teamsApp: TeamsApp;
  readonly compareVersions: (a: string, b: string) => number;
}

export function teamsAppFeature({ config, kv, bundleFile }: Services): TeamsAppFeature {
  const asset = async (name: string) => (await bundleFile(`assets/${name}`)).bytes();
  /** Loaded when an admin looks at the package; no start needs it. */
  const room = onDemand(async () => {
    const { createTeamsApp } = await import("./index.ts");
    const teamsApp = createTeamsApp({ config, store: kv, asset, now: () => new Date() });
    teamsApp.catalogVersionSeen(versionInCatalog);
    return teamsApp;
  });
  let versionInCatalog: string | null = null;
  const teamsApp: TeamsApp = {
    preview: async (settings) => (await room.load()).preview(settings),
    issue: async () => (await room.load()).issue(),
    icon: async (name) => (await room.load()).icon(name),
    setIcon: async (name, file) => (await room.load()).setIcon(name, file),
    resetIcon: async (name) => (await room.load()).resetIcon(name),
    catalogVersionSeen(version) {
      versionInCatalog = version;
      void room.begun?.then((loaded) => loaded.catalogVersionSeen(version));
    },
  };
  return {
    name: "teams-app",
    teamsApp,
    compareVersions,
    permissions: [{ kind: "application", name: "AppCatalog.Read.All", optional: true, isNeeded: () => true }],
    storedKeys: [
      { prefix: "teams-app/", holds: "own icons, fingerprint of the last package", until: "replaced" },
    ],
  };
}
