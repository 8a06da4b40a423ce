/** Names a browser as the server's *Active sessions* does, in the same words. */

export interface Device {
  readonly platform: string;
  readonly os: string;
  readonly browser: string;
}

const platforms: readonly [RegExp, string, string][] = [
  [/Windows NT 10/, "Windows", "Windows 10"],
  [/Windows/, "Windows", "Windows"],
  [/iPhone/, "iPhone", "iOS"],
  [/iPad/, "iPad", "iOS"],
  [/Android/, "Linux", "Android"],
  [/Mac OS X/, "Macintosh", "Mac OS"],
  [/CrOS/, "Linux", "Chrome OS"],
  [/Linux/, "Linux", "Linux"],
];

/** The order matters, because every browser also names those it descends from. */
const browsers: readonly [RegExp, string][] = [
  [/Teams\/(\d+\.\d+)/, "Microsoft Teams"],
  [/Edg[A-Za-z]*\/(\d+\.\d+)/, "Edge"],
  [/Firefox\/(\d+\.\d+)/, "Firefox"],
  [/Chrome\/(\d+\.\d+)/, "Chrome"],
  [/Version\/(\d+\.\d+).*Safari/, "Safari"],
];

/** An organisation has a handful of browsers; this many are cached. */
const REMEMBERED = 256;
const remembered = new Map<string, Device>();

export function deviceOf(userAgent: string): Device {
  const text = userAgent.slice(0, 512);
  const known = remembered.get(text);
  if (known) return known;
  const device = read(text);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(text, device);
  return device;
}

function read(text: string): Device {
  const [, platform, os] = platforms.find(([pattern]) => pattern.test(text)) ?? [null, "unknown", "unknown"];
  for (const [pattern, name] of browsers) {
    const version = pattern.exec(text)?.[1];
    if (version) return { platform, os, browser: `${name}/${version}` };
  }
  return { platform, os, browser: "unknown/0.0" };
}
