/**
 * A fake of Graph's activity feed, as documented: refuses what the published types and limits do not allow
 * (learn.microsoft.com, teamwork-sendactivitynotificationtorecipients), and can be told to fail.
 */

import { z } from "zod";
import en from "../../../../manifest-template/en.json" with { type: "json" };
import manifest from "../../../../manifest-template/manifest.json" with { type: "json" };
import type { Fetch } from "../../../microsoft/network/index.ts";

export const CATALOG_ID = "catalog-1";

const notification = z.strictObject({
  topic: z.strictObject({
    source: z.literal("text"),
    value: z.string().min(1),
    webUrl: z.url().max(1024),
  }),
  activityType: z.enum(manifest.activities.activityTypes.map((one) => one.type)),
  previewText: z.strictObject({ content: z.string().min(1).max(150) }).optional(),
  templateParameters: z.array(z.strictObject({ name: z.string(), value: z.string().min(1) })),
  chainId: z.number().int().optional(),
  teamsAppId: z.string(),
});
const recipient = z.strictObject({
  "@odata.type": z.literal("microsoft.graph.aadUserNotificationRecipient"),
  userId: z.guid(),
});
const bulk = notification.extend({ recipients: z.array(recipient).min(1).max(100) });

export interface SentActivity {
  readonly objectId: string;
  readonly type: string;
  readonly text: string;
  readonly preview: string | undefined;
  readonly webUrl: string;
  readonly chainId: number | undefined;
}

export class GraphStandIn {
  catalogId = CATALOG_ID;
  inCatalog = true;
  readonly sent: SentActivity[] = [];
  readonly requests: number[] = [];
  readonly refusedBodies: string[] = [];
  readonly notInstalled = new Set<string>();
  lookups = 0;
  /** Responses to the next requests in place of the fake's own; "hang up" breaks the connection. */
  readonly script: (Response | "hang up" | "take it, then hang up")[] = [];

  readonly fetch: Fetch = async (url, init) => {
    const path = new URL(url).pathname;
    if (path === "/v1.0/appCatalogs/teamsApps") {
      this.lookups += 1;
      const value = this.inCatalog
        ? [{ id: this.catalogId, externalId: lastQuoted(url), displayName: "Chat" }]
        : [];
      return Response.json({ value });
    }
    const single = /^\/v1\.0\/users\/([^/]+)\/teamwork\/sendActivityNotification$/.exec(path);
    if (!single && path !== "/v1.0/teamwork/sendActivityNotificationToRecipients")
      return error(404, "NotFound");
    this.requests.push(Date.now());
    const planned = this.script.shift();
    if (planned === "hang up") throw new Error("connection reset");
    if (planned instanceof Response) return planned.clone() as Response;
    const body: unknown = JSON.parse(String(init?.body));
    const parsed = single
      ? notification
          .transform((one) => ({ ...one, recipients: [{ userId: single[1] ?? "" }] }))
          .safeParse(body)
      : bulk.safeParse(body);
    if (!parsed.success) return this.#refuse(z.prettifyError(parsed.error));
    const { data } = parsed;
    const template = (en as Record<string, string>)[`${data.activityType}.text`] ?? "";
    const given = new Map(data.templateParameters.map((one) => [one.name, one.value]));
    const wanted = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
    if (wanted.length !== given.size || wanted.some((name) => !given.has(name))) {
      return this.#refuse(`${data.activityType} wants ${wanted}, got ${[...given.keys()]}`);
    }
    if (
      data.teamsAppId !== this.catalogId ||
      data.recipients.some((one) => this.notInstalled.has(one.userId))
    ) {
      return error(
        403,
        "Forbidden",
        "Application with AAD App Id 'x' is not authorized to generate custom text notifications about 'text' to the recipient. Ensure that the expected Teams app is installed in the target scope (user, team, or chat).",
      );
    }
    for (const { userId } of data.recipients) {
      this.sent.push({
        objectId: userId,
        type: data.activityType,
        text: template.replace(/\{(\w+)\}/g, (_, name: string) => given.get(name) ?? ""),
        preview: data.previewText?.content,
        webUrl: data.topic.webUrl,
        chainId: data.chainId,
      });
    }
    if (planned === "take it, then hang up") throw new Error("connection reset");
    return new Response(null, { status: single ? 204 : 202 });
  };

  #refuse(why: string): Response {
    this.refusedBodies.push(why);
    return error(400, "BadRequest", why);
  }
}

export function error(
  status: number,
  code: string,
  message = code,
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { error: { code, message, innerError: { "request-id": "request-1" } } },
    { status, headers },
  );
}

const lastQuoted = (url: string | URL) => /'([^']*)'/.exec(decodeURIComponent(String(url)))?.[1] ?? "";
