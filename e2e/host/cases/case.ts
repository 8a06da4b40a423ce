import { isDeepStrictEqual } from "node:util";
import { Host, type HostOptions } from "../host.ts";

/** The plugin's bundle, and the server's module if it is not the newest. */
export type Place = HostOptions;

/** One line of the output. */
export interface Case {
  readonly name: string;
  readonly run: () => Promise<void> | void;
}

export function equal(got: unknown, wanted: unknown, what = "value"): void {
  if (isDeepStrictEqual(got, wanted)) return;
  throw new Error(`${what}: ${difference(got, wanted, "")}`);
}

export function isTrue(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/**
 * With the newest module, the values must be equal. An older module lacks fields that we have and has some that we do
 * not have, so only the common fields must agree.
 */
export function agree(host: Host, got: unknown, wanted: unknown, what = "value"): void {
  if (host.newest) equal(got, wanted, what);
  else equal(shared(got, wanted), shared(wanted, got), what);
}

/** The part of a value whose fields the other one has, too. Empty parts are null, like zero values. */
function shared(value: unknown, other: unknown): unknown {
  if (typeof value !== "object" || value === null || typeof other !== "object" || other === null)
    return value;
  if (Array.isArray(value))
    return value.map((item, i) => (Array.isArray(other) ? shared(item, other[i]) : item));
  const fields = Object.entries(value).filter(([key]) => key in other);
  const kept = fields.map(([key, item]) => [key, shared(item, (other as Record<string, unknown>)[key])]);
  return Object.fromEntries(kept.filter(([, item]) => item !== null));
}

/** The place where two values first differ, because whole values are too long to read. */
function difference(got: unknown, wanted: unknown, path: string): string {
  if (typeof got === "object" && typeof wanted === "object" && got !== null && wanted !== null) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(got)])) {
      const a = (got as Record<string, unknown>)[key];
      const b = (wanted as Record<string, unknown>)[key];
      if (!isDeepStrictEqual(a, b)) return difference(a, b, `${path}.${key}`);
    }
  }
  const short = (v: unknown): string => (JSON.stringify(v) ?? "nothing").slice(0, 300);
  return `at ${path || "."} got ${short(got)}, wanted ${short(wanted)}`;
}

/** Starts a host with the plugin active. */
export async function activeHost({ bundle, module, environment }: Place): Promise<Host> {
  const host = await Host.start({
    bundle,
    ...(environment ? { environment } : {}),
    ...(module === undefined ? {} : { module }),
  });
  await host.activate();
  return host;
}
