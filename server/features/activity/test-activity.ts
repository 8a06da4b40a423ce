/** "Send me a test activity": takes the steps of a real one and reports the first step that fails. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { AppTokens } from "../../microsoft/entra/app-token.ts";
import { type Graph, TOKEN_MINUTES } from "../../microsoft/graph/index.ts";
import { ProductError } from "../../platform/errors.ts";
import type { Catalog } from "./delivery/catalog.ts";
import { explain } from "./delivery/failures.ts";
import type { LinkSource } from "./ports.ts";

export interface TestStep {
  readonly id: "settings" | "account" | "token" | "catalog" | "send";
  readonly title: string;
  readonly ok: boolean;
  readonly says: string;
  /** The admin's next step; only for a failed step. */
  readonly cure?: string;
}

export interface TestPorts {
  readonly config: ConfigSource;
  readonly links: Pick<LinkSource, "byMattermostUser">;
  readonly tokens: AppTokens;
  readonly graph: Pick<Graph, "sendActivityNotification">;
  readonly catalog: Catalog;
  /** Returns the person's name as activities would show it, or null when names are hidden. */
  readonly nameOf: (userId: string) => Promise<string | null>;
}

type Try = () => Promise<string>;

/** Returns the steps in order; if one failed, it is the last one. */
export async function sendTestActivity(ports: TestPorts, userId: string): Promise<TestStep[]> {
  const { config, links, tokens, graph, catalog, nameOf } = ports;
  let objectId = "";
  const steps: [TestStep["id"], string, Try][] = [
    [
      "settings",
      "Settings are complete",
      async () => {
        const { registration, credentials, teamsApp, cloud, notificationsEnabled } = config.current;
        if (!registration || credentials.length === 0 || !teamsApp) throw new ProductError("not_configured");
        if (!cloud.activityFeed) throw new Stop("This cloud has no activity feed.", "Nothing can be done.");
        if (!notificationsEnabled) throw new Stop("Notifications are switched off.", "Switch them on.");
        return `Tenant ${registration.tenantId}, cloud ${cloud.name}`;
      },
    ],
    [
      "account",
      "You are linked to a Microsoft account",
      async () => {
        const link = (await links.byMattermostUser([userId])).get(userId);
        if (!link) throw new Stop("Your account is not linked.", "Open the Mattermost tab in Teams once.");
        if (link.tenantId !== config.current.registration?.tenantId) {
          throw new Stop("Your link is from another tenant.", "Open the Mattermost tab in Teams once more.");
        }
        objectId = link.objectId;
        return `Entra object ${link.objectId}`;
      },
    ],
    [
      "token",
      "Entra gives a token",
      async () => {
        tokens.forget();
        await tokens.token(TOKEN_MINUTES);
        return "A new app-only token";
      },
    ],
    ["catalog", "The app is in the catalog", async () => `Catalog id ${await catalog.appId()}`],
    [
      "send",
      "Microsoft accepts an activity for you",
      async () => {
        const address = await catalog.address("post_test");
        const name = await nameOf(userId);
        const preview = name === null ? "Test" : `Test: ${name}`;
        // Uses the call for one person, whose answer tells at once whether they have the app installed.
        await graph.sendActivityNotification(
          { type: "message", topic: "Mattermost", parameters: {}, preview, ...address },
          objectId,
        );
        return "Look at the activity feed in Teams";
      },
    ],
  ];
  const done: TestStep[] = [];
  for (const [id, title, run] of steps) {
    try {
      done.push({ id, title, ok: true, says: await run() });
    } catch (error) {
      const { says, cure } =
        error instanceof Stop ? { says: error.message, cure: error.cure } : explain(error);
      done.push({ id, title, ok: false, says, cure });
      break;
    }
  }
  return done;
}

class Stop extends Error {
  readonly cure: string;
  constructor(says: string, cure: string) {
    super(says);
    this.cure = cure;
  }
}
