/** Builds the Teams app package: settings + template + icons → checked manifest → ZIP. */

import type { Config, ConfigSource } from "../../microsoft/config/index.ts";
import type { Problem } from "../../platform/settings/index.ts";
import { zip } from "./archive.ts";
import { type IconName, iconProblems } from "./icons.ts";
import { buildLocalisation, buildManifest, type Manifest, manifestInput } from "./manifest.ts";
import { manifestProblems } from "./validate.ts";
import {
  type Change,
  changes,
  contentOf,
  fingerprint,
  type Issued,
  nextVersion,
  readIssued,
} from "./versions.ts";

export { type IconName, iconNames, iconProblems, iconSides, MAX_ICON_BYTES } from "./icons.ts";
export { activityTypes, languages, type Manifest, pluginPath, tabUrl } from "./manifest.ts";
export { manifestVersions } from "./manifest-versions.ts";
export type { Change } from "./versions.ts";

/** The part of the key-value store that this feature uses. */
export interface PackageStore {
  get(key: string): Promise<Uint8Array | null>;
  set(key: string, value: Uint8Array): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  compareAndSet(key: string, expected: Uint8Array | null, next: Uint8Array | null): Promise<boolean>;
}

export interface TeamsAppPorts {
  readonly config: ConfigSource;
  readonly store: PackageStore;
  /** Reads a file of the bundle's assets/ folder. */
  readonly asset: (name: string) => Promise<Uint8Array>;
  readonly now: () => Date;
}

export interface AppPackage {
  readonly version: string;
  readonly fileName: string;
  readonly manifest: Manifest;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The next package, without issuing it. */
export interface Preview {
  readonly problems: readonly Problem[];
  readonly manifest: Manifest | null;
  /** The version of the next download. */
  readonly version: string | null;
  readonly lastVersion: string | null;
  /** App ID of that package: with another ID, Teams treats it as another app. */
  readonly lastAppId: string | null;
  readonly lastAt: string | null;
  readonly changes: readonly Change[];
}

export interface TeamsApp {
  /** Previews the package for these settings, saved or not. */
  preview(settings: Config): Promise<Preview>;
  /** Builds the package and records it as issued; returns a list of problems when it cannot be built. */
  issue(): Promise<AppPackage | { readonly problems: readonly Problem[] }>;
  icon(name: IconName): Promise<{ readonly bytes: Uint8Array; readonly custom: boolean }>;
  /** Stores an icon. Returns its problems in sentences; empty when it was stored. */
  setIcon(name: IconName, file: Uint8Array): Promise<readonly Problem[]>;
  resetIcon(name: IconName): Promise<void>;
  /** Records the version in the tenant's catalog; the next package gets a higher one. */
  catalogVersionSeen(version: string | null): void;
}

const ISSUED_KEY = "teams-app/issued";
const iconKey = (name: IconName) => `teams-app/icon/${name}`;
/** Two admins at once are plausible, ten are not. */
const ATTEMPTS = 10;

interface Draft {
  readonly manifest: Manifest;
  readonly files: Record<string, Uint8Array | string>;
  readonly content: Record<string, string>;
  readonly problems: readonly Problem[];
}

export function createTeamsApp(ports: TeamsAppPorts): TeamsApp {
  const { config, store } = ports;
  let inCatalog: string | null = null;

  async function icon(name: IconName) {
    const stored = await store.get(iconKey(name));
    return stored
      ? { bytes: stored, custom: true }
      : { bytes: await ports.asset(`${name}.png`), custom: false };
  }

  async function draft(settings: Config, version: string): Promise<Draft | { problems: readonly Problem[] }> {
    const [color, outline] = await Promise.all([icon("color"), icon("outline")]);
    // The small colour icon belongs to the default one; with another icon the package would show two logos.
    const input = manifestInput(settings, version, { smallIcon: !color.custom });
    if (Array.isArray(input)) return { problems: input };
    const manifest = buildManifest(input);
    const localisation = buildLocalisation(input, manifest);
    const problems = [
      ...manifestProblems(manifest, localisation, input.manifestVersion, input.site),
      ...(await iconProblems("color", color.bytes)),
      ...(await iconProblems("outline", outline.bytes)),
    ];
    const files: Draft["files"] = { "manifest.json": json(manifest) };
    for (const [name, strings] of Object.entries(localisation)) files[name] = json(strings);
    files["color.png"] = color.bytes;
    files["outline.png"] = outline.bytes;
    if (!color.custom) files["color32.png"] = await ports.asset("color32.png");
    return { manifest, files, content: contentOf(files), problems };
  }

  /** Builds the draft with its version. Takes two rounds, because the version is inside the manifest. */
  async function versioned(settings: Config, issued: Issued | null) {
    const wanted = settings.teamsApp?.version ?? "1.0.0";
    const first = await draft(settings, wanted);
    if (!("content" in first) || first.problems.length > 0) return { problems: first.problems };
    const print = fingerprint(first.content);
    const version = nextVersion(wanted, print, issued, inCatalog);
    const manifest = { ...first.manifest, version };
    return { ...first, manifest, version, print, files: { ...first.files, "manifest.json": json(manifest) } };
  }

  async function lastIssued(): Promise<{ raw: Uint8Array | null; issued: Issued | null }> {
    const raw = await store.get(ISSUED_KEY);
    return { raw, issued: raw && readIssued(raw) };
  }

  return {
    icon,

    async setIcon(name, file) {
      const problems = await iconProblems(name, file);
      if (problems.length === 0) await store.set(iconKey(name), file);
      return problems;
    },

    catalogVersionSeen(version) {
      inCatalog = version;
    },

    async resetIcon(name) {
      await store.delete(iconKey(name));
    },

    async preview(settings) {
      const { issued } = await lastIssued();
      const made = await versioned(settings, issued);
      const last = {
        lastVersion: issued?.version ?? null,
        lastAt: issued?.at ?? null,
        lastAppId: issued?.content["manifest.json/id"] ?? null,
      };
      if (!("version" in made)) {
        return { problems: made.problems, manifest: null, version: null, changes: [], ...last };
      }
      return {
        problems: [],
        manifest: made.manifest,
        version: made.version,
        changes: issued ? changes(issued.content, made.content) : [],
        ...last,
      };
    },

    async issue() {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const { raw, issued } = await lastIssued();
        const made = await versioned(config.current, issued);
        if (!("version" in made)) return { problems: made.problems };
        const { version, manifest, files, content, print } = made;
        if (issued?.version !== version || issued.fingerprint !== print) {
          const record: Issued = { version, fingerprint: print, at: ports.now().toISOString(), content };
          const next = new TextEncoder().encode(JSON.stringify(record));
          if (!(await store.compareAndSet(ISSUED_KEY, raw, next))) continue;
        }
        return {
          version,
          fileName: `mattermost-teams-app-${version}.zip`,
          manifest,
          bytes: await zip(files),
        };
      }
      throw new Error("the app package changed under every attempt to hand it out");
    },
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
