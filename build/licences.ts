/** Collects the licences of everything that is shipped: the product's npm packages, and Bun itself. */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./architecture.ts";

interface LockEntry {
  readonly link?: boolean;
  readonly version: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly license?: string;
  readonly integrity?: string;
}

export interface Shipped {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** `sha512-` and base64, as npm verified it. */
  readonly integrity: string;
  /** The licence's text, or empty if the package has none. */
  readonly text: string;
}

/** Every production dependency in package-lock.json, by name. */
export async function shippedPackages(): Promise<Shipped[]> {
  const lock = (await Bun.file(join(root, "package-lock.json")).json()) as {
    packages: Record<string, LockEntry>;
  };
  const shipped: Shipped[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    // A link leads to server/runtime, which is this product's own.
    const isOurs = !path.includes("node_modules/") || entry.link === true;
    if (isOurs || entry.dev || entry.optional) continue;
    shipped.push({
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      version: entry.version,
      license: entry.license ?? "see text",
      integrity: entry.integrity ?? "",
      text: await licenceText(join(root, path)),
    });
  }
  return shipped.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

async function licenceText(folder: string): Promise<string> {
  if (!existsSync(folder)) return "";
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name));
  return file ? (await Bun.file(join(folder, file)).text()).trim() : "";
}

export async function licencesPage(): Promise<string> {
  const lock = (await Bun.file(join(root, "package-lock.json")).json()) as {
    packages: Record<string, LockEntry>;
  };
  const bun = lock.packages["node_modules/@oven/bun-linux-x64-baseline"]?.version;
  const cldr = "node_modules/cldr-core";
  const parts = [
    "Mission Collaboration for Microsoft 365 contains the following works of others.",
    `Bun ${bun} (MIT; it links JavaScriptCore under LGPL-2 and other works, see https://bun.com/docs/project/license)`,
    `Time zone names from Unicode CLDR ${lock.packages[cldr]?.version} (Unicode-3.0)\n\n${await licenceText(join(root, cldr))}`,
    ...(await shippedPackages()).map(
      ({ name, version, license, text }) =>
        `${name} ${version} (${license})${text === "" ? "" : `\n\n${text}`}`,
    ),
  ];
  return `${parts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
