/** The arrows of docs/architecture.md: which room may import which. Checked by architecture.test.ts. */

import { dirname, join, relative, resolve } from "node:path";
import { Glob } from "bun";

export const root = resolve(import.meta.dir, "..");

/** A room sees the rooms named here, itself, and nothing else of ours. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  gob: [],
  goplugin: ["engine", "gob"],
  mattermost: ["engine", "gob", "goplugin"],
  errors: [],
  lazy: [],
  http: ["mattermost", "errors", "lazy"],
  config: ["mattermost", "errors"],
  network: ["config", "errors"],
  entra: ["mattermost", "errors", "lazy", "config", "network"],
  graph: ["mattermost", "errors", "lazy", "config", "network", "entra"],
  identity: ["mattermost", "errors", "lazy", "http", "config", "network", "entra", "graph"],
  tab: ["mattermost", "errors", "lazy", "http", "config", "network", "entra", "graph"],
  notifications: ["mattermost", "errors", "lazy", "http", "config", "network", "entra", "graph"],
  "teams-app": ["mattermost", "errors", "lazy", "http", "config", "network", "entra", "graph"],
  admin: ["mattermost", "errors", "lazy", "http", "config", "network", "entra", "graph"],
  command: ["mattermost"],
  main: ["*"],
};

/** Packages that belong to one room: a second user would be a second way of doing the same thing. */
export const packageRooms: Readonly<Record<string, readonly string[]>> = {
  "@azure/msal-node": ["entra"],
  jsonwebtoken: ["entra"],
  "jwks-rsa": ["entra"],
  archiver: ["teams-app"],
  "@microsoft/app-manifest": ["teams-app"],
};

export interface Import {
  readonly file: string;
  readonly room: string;
  /** `room` of a relative import, or the package's name. */
  readonly target: string;
  readonly kind: "room" | "package" | "outside";
  readonly typeOnly: boolean;
}

/** Every import of the product's server code; tests and what only tests use are not part of the product. */
export async function serverImports(): Promise<Import[]> {
  const imports: Import[] = [];
  for await (const file of new Glob("server/**/*.ts").scan(root)) {
    if (/\.test\.ts$|\/testdata\/|\/interop\/|\/testing\//.test(file)) continue;
    const text = await Bun.file(join(root, file)).text();
    for (const match of text.matchAll(
      /^(?:import|export)\b([^;"']*?)from\s+"([^"]+)"|\b(?:import|require|getBuiltinModule)\(\s*"([^"]+)"\s*\)/gm,
    )) {
      const specifier = match[2] ?? match[3] ?? "";
      const typeOnly = (match[1] ?? "").trimStart().startsWith("type ");
      const target = specifier.startsWith(".")
        ? relative(root, join(root, dirname(file), specifier))
        : specifier;
      if (!specifier.startsWith(".")) {
        imports.push({ file, room: roomOf(file), target: packageName(specifier), kind: "package", typeOnly });
      } else if (target.startsWith("server/")) {
        imports.push({ file, room: roomOf(file), target: roomOf(target), kind: "room", typeOnly });
      } else {
        imports.push({ file, room: roomOf(file), target, kind: "outside", typeOnly });
      }
    }
  }
  return imports;
}

function roomOf(path: string): string {
  const [, first = ""] = path.split("/");
  return first.replace(/\.ts$/, "");
}

function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
}
