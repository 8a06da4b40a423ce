/** Requests of the windows to the sandbox, and the person whose window it is. */

import { useCallback, useEffect, useState } from "react";

const query = new URLSearchParams(location.search);
/** `?me=<object id>`: the person whose window this is. Without it, the window is everybody's. */
export const me = query.get("me") ?? "";
document.documentElement.dataset.theme =
  query.get("theme") === "default" ? "light" : (query.get("theme") ?? "light");

export async function ask<T>(path: string, body?: object): Promise<T> {
  const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
  const response = await fetch(`/sandbox/api${path}`, init);
  const answer = await response.json();
  if (!response.ok) throw new Error(String(answer.error ?? response.status));
  return answer as T;
}

export interface Shown<T> {
  readonly value: T | null;
  readonly problem: string;
  /** Loads again when the work is done, and shows why it failed. */
  act(work: Promise<unknown>): void;
}

/** What the sandbox answers at `path`, polled once a second. */
export function useShown<T>(path: string): Shown<T> {
  const [value, setValue] = useState<T | null>(null);
  const [problem, setProblem] = useState("");
  const load = useCallback(() => ask<T>(path).then(setValue), [path]);
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), 1_000);
    return () => clearInterval(timer);
  }, [load]);
  const act = (work: Promise<unknown>) =>
    void work
      .then(() => setProblem(""))
      .catch((error: Error) => setProblem(error.message))
      .finally(load);
  return { value, problem, act };
}
