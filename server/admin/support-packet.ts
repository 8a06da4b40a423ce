/** Writes this plugin's part of the server's support packet, without secrets or personal data. */

import type { Config } from "../microsoft/config/index.ts";
import type { Diagnostics, Feature } from "../platform/feature.ts";
import { product } from "../platform/product.ts";
import { within } from "../runtime/within.ts";
import type { Report, Wording } from "./checks/index.ts";

export interface SupportFile {
  readonly Filename: string;
  readonly Body: Uint8Array;
}

export interface Packet {
  readonly config: Config;
  readonly report: Report | null;
  readonly wording: Wording;
  readonly metrics: string;
  /** Versions and the like. */
  readonly about: Readonly<Record<string, string>>;
  /** By the feature's name. */
  readonly diagnostics: Readonly<Record<string, Diagnostics>>;
}

export function supportFiles({ config, report, wording, metrics, about, ...more }: Packet): SupportFile[] {
  const folder = product.id;
  const file = (name: string, text: string): SupportFile => ({
    Filename: `${folder}/${name}`,
    Body: new TextEncoder().encode(text),
  });
  const diagnostics = {
    ...Object.fromEntries(Object.entries(about).map(([name, value]) => [snake(name), value])),
    problems: config.problems.map(({ setting, says }) => `${setting} ${says}`),
    credentials: config.credentials.map(({ kind }) => kind),
    checked_at: report?.at ?? null,
    checks: Object.fromEntries(report?.rows.map(({ id, state }) => [id, state]) ?? []),
    features: more.diagnostics,
  };
  return [
    // The same file name as other plugins use.
    file("diagnostics.yaml", `${Bun.YAML.stringify(diagnostics, null, 2)}\n`),
    file(
      "settings.json",
      `${JSON.stringify({ settings: config.settings, problems: config.problems }, null, 2)}\n`,
    ),
    file("metrics.txt", metrics),
    file(
      "checks.txt",
      report
        ? wording.text(report, about)
        : `${Object.entries(about)
            .map((pair) => pair.join(": "))
            .join("\n")}\n`,
    ),
  ];
}

/** Collects the diagnostics of each feature. One that fails or takes too long does not delay the packet. */
export async function diagnosticsOf(
  features: readonly Feature[],
  limitMs = 5_000,
): Promise<Readonly<Record<string, Diagnostics>>> {
  const failed: Diagnostics = { state: "could not be read" };
  const all = features.map(async (feature) => {
    if (!feature.diagnostics) return [];
    const diagnostics = Promise.resolve(feature.diagnostics()).catch(() => failed);
    return [[feature.name, await within(limitMs, diagnostics, failed)] as const];
  });
  const settled = await Promise.allSettled(all);
  return Object.fromEntries(settled.flatMap((one) => (one.status === "fulfilled" ? one.value : [])));
}

const snake = (name: string) => name.toLowerCase().replaceAll(" ", "_");
