/** Signing in inside Microsoft 365: the tab's page, sessions, links, and ending sessions of people who have left. */

import { rolesOf } from "../../microsoft/entra/token-roles.ts";
import { linkKeys } from "../../people/link.ts";
import type { Services } from "../../people/services.ts";
import { unlinkCommand } from "../../people/unlink-command.ts";
import type { Feature } from "../../platform/feature.ts";
import { Routes, routesOnDemand } from "../../platform/http/index.ts";
import { onDemand } from "../../platform/on-demand.ts";
import { createAudit } from "./audit.ts";
import type { Departures } from "./departures.ts";
import { createIdentity } from "./index.ts";
import { MAY_READ_USERS } from "./may-read-users.ts";
import { type PageParts, pageRoutes, readPageParts } from "./page.ts";
import { sessionRoutes } from "./session.ts";

export interface SignInFeature extends Feature {
  /** The daily look at the directory, for the checks. */
  readonly departures: { last: Departures["last"]; readonly rights: readonly string[] };
}

export function signInFeature(services: Services): SignInFeature {
  const { api, config, kv, links, log, serverRules, verifier, clock } = services;
  const audit = createAudit(services);
  const identity = createIdentity(services);
  const roles = async () => rolesOf(await services.tokens.token(5));
  const departures = onDemand(async () =>
    (await import("./departures.ts")).createDepartures({ ...services, roles, audit }),
  );
  let isStopped = false;
  let parts: PageParts | null = null;
  const partsOfPage = () => {
    if (!parts) throw new Error("the page was requested before the activation");
    return parts;
  };
  return {
    name: "sign-in",
    // msal requests the last three with every exchange, and the exchange fails when the consent lacks one of them.
    permissions: ["User.Read", "openid", "profile", "offline_access"].map((name) => ({
      ...{ kind: "sign_in", name },
      isNeeded: () => true,
    })),
    routes: new Routes()
      .include(
        sessionRoutes({ config, verifier, identity, serverRules, api, audit: audit.signIn, log, clock }),
      )
      .include(
        routesOnDemand(
          [
            ["ALL", "/api/v1/files/ticket", "member"],
            ["GET", "/files/:ticket", "public"],
            ["ALL", "/api/v1/session/window", "member"],
            ["ALL", "/api/v1/session/window/redeem", "public"],
          ],
          async () => {
            const { handedOutRoutes } = await import("./handed-out.ts");
            return handedOutRoutes({ config, serverRules, api, kv, log, audit, clock });
          },
        ),
      )
      .include(
        routesOnDemand(
          [
            ["GET", "/api/v1/admin/links", "admin"],
            ["GET", "/api/v1/admin/links.csv", "admin"],
            ["DELETE", "/api/v1/admin/links/:userId", "admin"],
          ],
          async () => (await import("../../people/link-routes.ts")).linkRoutes({ links, api, audit }),
        ),
      )
      .include(pageRoutes({ pluginId: services.pluginId, config, parts: partsOfPage })),
    hooks: { userHasBeenDeactivated: (_context, user) => identity.deactivated(user.Id) },
    commands: [unlinkCommand(links, audit)],
    storedKeys: [
      ...linkKeys,
      { prefix: "identity.rule", holds: "the sign-in rules that sessions rest on", until: "replaced" },
      {
        prefix: "identity.departures",
        holds: "time and outcome of the last look at the directory",
        until: "replaced",
      },
      { prefix: "handover.", holds: "hash of a code of the sign-in pop-up, account ID", until: "one minute" },
      {
        prefix: "download.",
        holds: "hash of a ticket for a file, file, account and session ID",
        until: "one minute",
      },
      {
        prefix: "window.",
        holds: "hash of a code for a window, account and session ID",
        until: "one minute",
      },
    ],
    departures: { last: async () => (await departures.load()).last(), rights: MAY_READ_USERS },
    async start() {
      parts = readPageParts(await (await services.bundleFile("public/tab/assets.json")).json());
      identity.start();
      // Daily work, so the activation does not wait for its code.
      departures
        .load()
        .then((loaded) => (isStopped ? undefined : loaded.start()))
        .catch((error: unknown) =>
          log.error("The daily look at the directory could not be started", { error }),
        );
    },
    settingsChanged: identity.configurationChanged,
    async stop() {
      isStopped = true;
      await Promise.all([identity.stop(), departures.begun?.then((loaded) => loaded.stop())]);
    },
  };
}
