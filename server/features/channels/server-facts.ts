/** Settings of the server that copies depend on. Cached, because the configuration is a megabyte. */

import type { Config } from "../../microsoft/config/index.ts";
import { type Language, languageOf } from "../../platform/i18n/index.ts";
import type { ChannelsPorts } from "./ports.ts";

export interface ServerFacts {
  /** The language of posts that everybody in a channel reads. */
  readonly language: Language;
  /** Whether the server shows the author's name on posts of the bot (*Enable integrations to override usernames*). */
  readonly showsNames: boolean;
}

/** Besides, a hook of the server reports every change. */
const KEEP_MS = 30_000;

export function serverFacts({ api, clock, config }: Pick<ChannelsPorts, "api" | "clock" | "config">) {
  let known: { readonly at: number; readonly of: Config; readonly facts: Promise<ServerFacts> } | null = null;
  const read = async (): Promise<ServerFacts> => {
    const { LocalizationSettings, ServiceSettings } = (await api.getConfig()) ?? {};
    return {
      language: languageOf(LocalizationSettings?.DefaultServerLocale ?? ""),
      showsNames: ServiceSettings?.EnablePostUsernameOverride === true,
    };
  };
  return (): Promise<ServerFacts> => {
    const at = clock.now();
    const of = config.current;
    if (known && known.of === of && at - known.at < KEEP_MS) return known.facts;
    const facts = read();
    const mine = { at, of, facts };
    known = mine;
    facts.catch(() => {
      if (known === mine) known = null;
    });
    return facts;
  };
}
