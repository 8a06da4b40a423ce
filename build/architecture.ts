/** The arrows of docs/architecture.md: which floor may import which. architecture.test.ts checks them. */

import { dirname, join, relative, resolve } from "node:path";
import { Glob } from "bun";

export const root = resolve(import.meta.dir, "..");

/** From the bottom up. A floor imports itself and the floors before it. */
export const floors = ["runtime", "platform", "microsoft", "people", "features", "admin", "main"] as const;
export type Floor = (typeof floors)[number];

/** The rooms of the runtime import each other in this order, so that each can be read without the next. */
export const runtimeRooms = ["lazy", "within", "engine", "gob", "goplugin", "mattermost", "build"] as const;

/** Packages that belong to one room, because a second user would be a second way of doing the same thing. */
export const packageRooms: Readonly<Record<string, readonly string[]>> = {
  "@azure/msal-node": ["microsoft/entra"],
  jsonwebtoken: ["microsoft/entra"],
  "jwks-rsa": ["microsoft/entra"],
  archiver: ["features/teams-app"],
  "markdown-it": ["platform/markdown"],
  pngjs: ["features/teams-app"],
  parse5: ["microsoft/teams-messages"],
  "@microsoft/app-manifest": ["features/teams-app"],
};

export interface Import {
  readonly file: string;
  /** The imported file, relative to the root of the repository, or the package's name. */
  readonly target: string;
  readonly kind: "file" | "package";
  readonly typeOnly: boolean;
}

/** Every import of the matching TypeScript files, type-only imports included. */
export async function importsOf(pattern: string, skip = /(?!)/): Promise<Import[]> {
  const imports: Import[] = [];
  for await (const file of new Glob(pattern).scan(root)) {
    if (skip.test(file) || file.includes("node_modules")) continue;
    const text = await Bun.file(join(root, file)).text();
    for (const match of text.matchAll(
      /^(?:import|export)\b([^;"']*?)from\s+"([^"]+)"|^import\s+"([^"]+)"|\b(?:import|require|getBuiltinModule)\(\s*"([^"]+)"\s*\)/gm,
    )) {
      const specifier = match[2] ?? match[3] ?? match[4] ?? "";
      const typeOnly = (match[1] ?? "").trimStart().startsWith("type ");
      imports.push(
        specifier.startsWith(".")
          ? { file, target: relative(root, join(root, dirname(file), specifier)), kind: "file", typeOnly }
          : { file, target: packageName(specifier), kind: "package", typeOnly },
      );
    }
  }
  return imports;
}

/** The product's server code without tests and test helpers. */
export const serverImports = () =>
  importsOf("server/**/*.ts", /\.test\.ts$|\/testdata\/|\/interop\/|\/testing\//);

/** `server/features/chats/queue.ts` is on floor `features`; null for a file outside `server`. */
export function floorOf(path: string): Floor | null {
  const [top, floor = ""] = path.split("/");
  const name = floor.replace(/\.ts$/, "") as Floor;
  return top === "server" && floors.includes(name) ? name : null;
}

/** `server/features/chats/queue.ts` is in room `features/chats`; a floor without rooms is a room itself. */
export function roomOf(path: string): string {
  const [, floor = "", room = ""] = path.split("/");
  return /^(runtime|platform|microsoft|features)$/.test(floor)
    ? `${floor}/${room.replace(/\.ts$/, "")}`
    : floor.replace(/\.ts$/, "");
}

/**
 * Import cycles as lists of files, sorted by the shortest name. Two files that import each other are a cycle even if
 * one import is only a type, because neither can be read, moved or tested without the other.
 */
export function cyclesOf(imports: readonly Import[]): string[][] {
  const next = new Map<string, Set<string>>();
  for (const { file, target, kind } of imports) {
    if (kind !== "file" || file === target) continue;
    next.set(file, (next.get(file) ?? new Set()).add(target));
  }
  return stronglyConnected(next).filter((files) => files.length > 1);
}

/** Tarjan's algorithm; each component is sorted by name. */
function stronglyConnected(next: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const components: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node) ?? 0);
    stack.push(node);
    for (const target of next.get(node) ?? []) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(node, Math.min(low.get(node) ?? 0, low.get(target) ?? 0));
    }
    if (low.get(node) !== index.get(node)) return;
    components.push(stack.splice(stack.indexOf(node)).sort());
  };
  for (const node of next.keys()) if (!index.has(node)) visit(node);
  return components.sort((a, b) => (a[0] ?? "").localeCompare(b[0] ?? ""));
}

function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
}
