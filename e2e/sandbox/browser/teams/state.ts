import { useEffect, useState } from "react";

export interface TeamsTab {
  readonly entityId: string;
  readonly name?: string;
  readonly contentUrl?: string;
}
export interface TeamsApp {
  readonly id: string;
  readonly externalId: string;
  readonly displayName: string;
  readonly version: string;
  readonly description: string;
  readonly accentColor: string;
  readonly icon: string;
  readonly entraAppId: string;
  readonly installed: boolean;
  readonly tabs: readonly TeamsTab[];
}
export interface FeedItem {
  readonly id: string;
  readonly at: number;
  readonly activityType: string;
  readonly text: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly preview: string;
  readonly topic: string;
  readonly webUrl: string;
  readonly read: boolean;
}
export interface TeamsState {
  readonly tenantId: string;
  readonly person: { objectId: string; displayName: string; userPrincipalName: string; locale: string };
  readonly apps: readonly TeamsApp[];
  readonly activities: readonly FeedItem[];
}

/** The person of this screen: `?person=<object id>`, else the sandbox's member. */
export const personId = new URLSearchParams(location.search).get("person") ?? "";
const forPerson = personId === "" ? "" : `?person=${encodeURIComponent(personId)}`;

export function useTeamsState(): TeamsState | null {
  const [state, setState] = useState<TeamsState | null>(null);
  useEffect(() => {
    const source = new EventSource(`/api/changes${forPerson}`);
    source.onmessage = (event) => setState(JSON.parse(event.data));
    return () => source.close();
  }, []);
  return state;
}

export async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

export async function getToken(objectId: string, appId: string, silent: boolean): Promise<string> {
  const answer = await post("/api/token", { personId: objectId, appId, silent });
  if (typeof answer.token === "string") return answer.token;
  throw new Error(String(answer.error));
}

export async function upload(file: Blob): Promise<string | null> {
  const response = await fetch("/api/apps", { method: "POST", body: file });
  if (response.ok) return null;
  const { error } = (await response.json()) as {
    error: { message: string; innerError?: { details?: { message: string }[] } };
  };
  return [error.message, ...(error.innerError?.details ?? []).map((each) => each.message)].join(" ");
}

export const install = (appId: string, installed: boolean) =>
  fetch(`/api/apps/${appId}/${installed ? "install" : "remove"}${forPerson}`, { method: "POST" });

/** Teams shows an activity in the language of the person's client, if the app's package has it. */
export function textOf({ text, texts }: FeedItem, locale: string): string {
  const tag = locale.toLowerCase();
  return texts[tag] ?? texts[tag.split("-")[0] ?? ""] ?? text;
}

/** `/l/entity/<app id>/<entity id>?context={"subEntityId":…}` */
export function readDeepLink(url: string): { appId: string; entityId: string; subEntityId?: string } | null {
  const parsed = new URL(url, location.href);
  const [, appId, entityId] = /^\/l\/entity\/([^/]+)\/([^/]+)/.exec(parsed.pathname) ?? [];
  if (!appId || !entityId) return null;
  try {
    const context = JSON.parse(parsed.searchParams.get("context") ?? "{}") as { subEntityId?: string };
    return { appId, entityId, ...(context.subEntityId && { subEntityId: context.subEntityId }) };
  } catch {
    return { appId, entityId };
  }
}
