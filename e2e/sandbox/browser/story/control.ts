import { useEffect, useState } from "react";

export interface Info {
  readonly siteUrl: string;
  readonly colleagueUrl: string;
  readonly teamsUrl: string;
  readonly pluginId: string;
  /** `null` in a fresh sandbox, as nothing is registered until the set-up ran. */
  readonly clientId: string | null;
  readonly users: { id: string; username: string; first_name: string; last_name: string }[];
}
export interface WireEntry {
  readonly id: number;
  readonly at: number;
  readonly wire: "hook" | "api" | "entra" | "graph" | "teams" | "process";
  readonly what: string;
  readonly detail?: string;
  readonly took?: number;
  readonly ok: boolean;
}

export async function control<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(
    `/sandbox/api${path}`,
    body ? { method: "POST", body: JSON.stringify(body) } : {},
  );
  const answer = await response.json();
  if (!response.ok) throw new Error(String(answer.error ?? response.status));
  return answer as T;
}

export function useInfo(): Info | null {
  const [info, setInfo] = useState<Info | null>(null);
  useEffect(() => void control<Info>("/info").then(setInfo), []);
  return info;
}

/** Newest last; at most the last 4,000. */
export function useLog(): readonly WireEntry[] {
  const [entries, setEntries] = useState<readonly WireEntry[]>([]);
  useEffect(() => {
    const source = new EventSource("/sandbox/api/log/stream");
    source.onmessage = (event) => {
      const fresh = JSON.parse(event.data) as WireEntry[];
      setEntries((before) => {
        const last = before.at(-1)?.id ?? 0;
        return [...before, ...fresh.filter((each) => each.id > last)].slice(-4000);
      });
    };
    return () => source.close();
  }, []);
  return entries;
}
