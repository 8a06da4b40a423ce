/**
 * Compares `ServiceSettings.FrameAncestors`, the CSP host sources that may embed Mattermost, with what the cloud
 * needs.
 *
 * The plugin only compares. The console makes the change with the admin's own rights (PUT /api/v4/config/patch):
 * SaveConfig of the plugin API takes the whole configuration, and would reset every setting of a newer server that
 * our wire types do not know.
 */

export interface FrameAncestor {
  /** As the setting contains it, or should contain it. */
  readonly source: string;
  /** Its origin: the chosen cloud, the admin's own list of further hosts, or elsewhere. */
  readonly origin: "cloud" | "extra" | "other";
  readonly present: boolean;
}

export interface FrameAncestors {
  readonly entries: readonly FrameAncestor[];
  readonly missing: readonly string[];
  /** The setting with our entries added and nothing removed. */
  readonly merged: string;
  /** The setting without our entries. */
  readonly without: string;
}

export function compareFrameAncestors(
  setting: string,
  wanted: readonly string[],
  extra: readonly string[],
): FrameAncestors {
  const present = setting.split(/\s+/).filter((source) => source !== "");
  const ours = (source: string) => wanted.some((one) => plain(one) === plain(source));
  const missing = wanted.filter((source) => !present.some((one) => covers(one, source)));
  const originOf = (source: string) =>
    extra.some((one) => plain(one) === plain(source)) ? "extra" : ours(source) ? "cloud" : "other";
  return {
    entries: [
      ...present.map((source) => ({ source, origin: originOf(source), present: true }) as const),
      ...missing.map((source) => ({ source, origin: originOf(source), present: false }) as const),
    ],
    missing,
    merged: [...present, ...missing].join(" "),
    without: present.filter((source) => !ours(source)).join(" "),
  };
}

/** A source without a scheme means the page's own, which is https here. */
const plain = (source: string): string =>
  source
    .toLowerCase()
    .replace(/^https:\/\//, "")
    .replace(/\/$/, "");

/** CSP level 3, 6.7.2.8: a leading `*.` stands for one or more labels, never for the bare domain. */
function covers(present: string, wanted: string): boolean {
  const [have, want] = [plain(present), plain(wanted)];
  if (have === want || have === "*" || have === "https:") return true;
  return have.startsWith("*.") && want.endsWith(have.slice(1)) && !want.startsWith("*.");
}
