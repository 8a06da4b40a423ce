import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One setting of plugin.json's settings_schema, with the fields that server and console use. */
export interface ManifestSetting {
  readonly key: string;
  readonly display_name?: string;
  readonly type: string;
  readonly help_text?: string;
  readonly placeholder?: string;
  readonly default?: unknown;
  readonly options?: readonly { readonly display_name: string; readonly value: string }[];
  readonly secret?: boolean;
  readonly hosting?: string;
}

interface Manifest {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly server?: { readonly executable?: string; readonly executables?: Readonly<Record<string, string>> };
  readonly webapp?: { readonly bundle_path: string };
  readonly settings_schema?: {
    readonly settings?: readonly ManifestSetting[];
    readonly sections?: readonly { readonly settings?: readonly ManifestSetting[] }[];
  };
}

/** An unpacked plugin bundle. */
export class PluginBundle {
  readonly path: string;
  readonly manifest: Manifest;

  constructor(path: string) {
    this.path = path;
    this.manifest = JSON.parse(readFileSync(join(path, "plugin.json"), "utf8"));
  }

  get id(): string {
    return this.manifest.id;
  }

  get settings(): readonly ManifestSetting[] {
    const schema = this.manifest.settings_schema;
    return [
      ...(schema?.settings ?? []),
      ...(schema?.sections ?? []).flatMap((section) => section.settings ?? []),
    ];
  }

  /** The executable for this machine, in Go's names for platforms. */
  get executable(): string {
    const architecture = process.arch === "x64" ? "amd64" : process.arch;
    const name =
      this.manifest.server?.executables?.[`${process.platform}-${architecture}`] ??
      this.manifest.server?.executable;
    if (!name) throw new Error(`${this.id} has no executable for ${process.platform}-${architecture}`);
    return join(this.path, name);
  }

  /** The address from which web clients load the plugin's web app; null without one. */
  get webappPath(): string | null {
    return this.manifest.webapp ? `/static/plugins/${this.id}/main.js` : null;
  }

  get webappFile(): string {
    return join(this.path, this.manifest.webapp?.bundle_path ?? "");
  }
}
