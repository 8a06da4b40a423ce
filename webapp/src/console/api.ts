/** Calls the plugin's own routes, with the headers that the server requires for changes. */

import { currentLocale } from "./translate.ts";

const base = (): string =>
  `${(window as { basename?: string }).basename ?? ""}/plugins/mission-collaboration`;

export interface Problem {
  readonly setting: string;
  readonly says: string;
}

/** A refusal of the server, with texts for the admin. */
export class Refusal extends Error {
  readonly code: string;
  readonly problems: readonly Problem[];
  readonly requestId: string;
  /** Microsoft's own text, and what an admin can do. */
  readonly detail: string;
  readonly cure: string;
  readonly status: number;
  /** Distinguishes several reasons with the same code. */
  readonly reason: string;
  /** Codes by the name of the invalid field. */
  readonly errors: Readonly<Record<string, string>>;
  /** Line numbers of a file that could not be read, from 1. */
  readonly failedLines: readonly number[];

  constructor(answer: Partial<Refusal>, status: number) {
    super(answer.message ?? `HTTP ${status}`);
    this.code = answer.code ?? "internal";
    this.problems = answer.problems ?? [];
    this.requestId = answer.requestId ?? "";
    this.detail = answer.detail ?? "";
    this.cure = answer.cure ?? "";
    this.status = status;
    this.reason = answer.reason ?? "";
    this.errors = answer.errors ?? {};
    this.failedLines = answer.failedLines ?? [];
  }
}

export const send = (method: string, path: string, body?: BodyInit | null): Promise<Response> =>
  request(base() + path, method, body);

async function request(url: string, method: string, body?: BodyInit | null): Promise<Response> {
  const csrf = /(?:^|; )MMCSRF=([^;]+)/.exec(document.cookie)?.[1];
  const response = await fetch(url, {
    method,
    credentials: "same-origin",
    headers: {
      "X-Requested-With": "XMLHttpRequest",
      // The admin's language in Mattermost, not the browser's: the server uses it for checks and problems.
      "Accept-Language": currentLocale(),
      ...(csrf ? { "X-CSRF-Token": csrf } : {}),
      ...(typeof body === "string" ? { "Content-Type": "application/json" } : {}),
    },
    body: body ?? null,
  });
  if (response.ok) return response;
  let answer = {};
  try {
    answer = await response.json();
  } catch {
    // It is a proxy's own error page; the status is enough.
  }
  throw new Refusal(answer, response.status);
}

export async function get<T>(path: string): Promise<T> {
  return (await send("GET", path)).json();
}

export async function post<T>(path: string, body: unknown = {}, method = "POST"): Promise<T> {
  return (await send(method, path, JSON.stringify(body))).json();
}

/** Saves a response as a file, under the name that the server sent. */
export async function download(path: string, fallbackName: string): Promise<string> {
  const response = await send("GET", path);
  const disposition = response.headers.get("Content-Disposition") ?? "";
  const name = /filename="([^"]+)"/.exec(disposition)?.[1] ?? fallbackName;
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has started to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return name;
}

const hostBase = (): string => (window as { basename?: string }).basename ?? "";

/** Calls Mattermost itself, with the admin's own rights. */
export async function hostGet<T>(path: string): Promise<T> {
  return (await request(hostBase() + path, "GET")).json();
}

/** Changes only the given values. Returns the whole configuration. */
export async function hostPatch<T>(path: string, patch: object): Promise<T> {
  return (await request(hostBase() + path, "PUT", JSON.stringify(patch))).json();
}

/** Calls another plugin's route with the admin's own session. */
export const sendElsewhere = (path: string): Promise<Response> => request(hostBase() + path, "GET");
