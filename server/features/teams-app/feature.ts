/** The app package for Teams, Outlook and Microsoft 365. */

import type { Services } from "../../people/services.ts";
import type { Feature } from "../../platform/feature.ts";
import { compareVersions, createTeamsApp } from "./index.ts";

export interface TeamsAppFeature extends Feature {
  readonly teamsApp: ReturnType<typeof createTeamsApp>;
  readonly compareVersions: (a: string, b: string) => number;
}

export function teamsAppFeature({ config, kv, bundleFile }: Services): TeamsAppFeature {
  const asset = async (name: string) => (await bundleFile(`assets/${name}`)).bytes();
  const teamsApp = createTeamsApp({ config, store: kv, asset, now: () => new Date() });
  return {
    name: "teams-app",
    teamsApp,
    compareVersions,
    permissions: [{ kind: "application", name: "AppCatalog.Read.All", isNeeded: () => true }],
    storedKeys: [
      { prefix: "teams-app/", holds: "own icons, fingerprint of the last package", until: "replaced" },
    ],
  };
}
