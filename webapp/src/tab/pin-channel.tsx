/**
 * The page for choosing the Mattermost channel that a tab of a Teams channel, chat or meeting shows. Teams opens it
 * when somebody adds the tab or changes its settings, enables its own Save button when a channel is chosen, and
 * stores the address that the page returns.
 */

import { pages } from "@microsoft/teams-js";
import React, { useEffect, useId, useState } from "react";
import type { PageConfig } from "./page-config.ts";
import type { Words } from "./words.ts";

interface Channel {
  readonly id: string;
  readonly name: string;
  readonly team: { readonly name: string; readonly title: string };
  readonly isPrivate: boolean;
}

export interface PinChannelProps {
  readonly config: PageConfig;
  readonly words: Words;
  readonly fetch: typeof globalThis.fetch;
  /** Called when the list has been loaded, or could not be. */
  readonly onReady: () => void;
  readonly onBroken: () => void;
}

/** A longer list is searched, not scrolled. */
const SHOWN = 200;

export function PinChannel({ config, fetch, onBroken, onReady, words }: PinChannelProps): React.JSX.Element {
  const [channels, setChannels] = useState<readonly Channel[]>([]);
  const [chosen, setChosen] = useState<Channel | null>(null);
  const [search, setSearch] = useState("");
  const id = useId();

  // biome-ignore lint/correctness/useExhaustiveDependencies: once in the life of the page.
  useEffect(() => {
    Promise.all([channelsOf(config, fetch), pinnedNow()]).then(([found, pinned]) => {
      setChannels(found);
      setChosen(found.find((channel) => placeOf(channel) === pinned) ?? null);
      onReady();
    }, onBroken);
  }, []);

  useEffect(() => {
    if (!pages.config.isSupported()) return;
    pages.config.setValidityState(chosen !== null);
    if (!chosen) return;
    pages.config.registerOnSaveHandler((save) => {
      pages.config.setConfig(settingsOf(chosen, config)).then(
        () => save.notifySuccess(),
        // Teams shows its own text for a tab that was not saved.
        () => save.notifyFailure(),
      );
    });
  }, [chosen, config]);

  const wanted = search.trim().toLowerCase();
  const found = channels.filter(({ name, team }) => `${name} ${team.title}`.toLowerCase().includes(wanted));
  const shown = found.slice(0, SHOWN);
  return (
    <main className="page pin">
      <div className="card">
        <h1>{words.pin[0]}</h1>
        <p id={`${id}-text`}>{words.pin[1]}</p>
        <input
          type="search"
          value={search}
          aria-label={words.pin_search}
          placeholder={words.pin_search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <p className="quiet" role="status">
          {shown.length === 0 ? words.pin_none : ""}
        </p>
        <fieldset aria-describedby={`${id}-text`}>
          <legend className="quiet">{words.pin_channels}</legend>
          {shown.map((channel) => (
            <label key={channel.id}>
              <input
                type="radio"
                name={id}
                checked={chosen?.id === channel.id}
                onChange={() => setChosen(channel)}
              />
              <span>
                {channel.name}
                <small className="quiet">
                  {channel.team.title}
                  {channel.isPrivate && ` · ${words.pin_private}`}
                </small>
              </span>
            </label>
          ))}
        </fieldset>
        {found.length > SHOWN && <p className="quiet">{words.pin_more}</p>}
      </div>
    </main>
  );
}

/** By ID, which stays when the channel is renamed. */
const placeOf = ({ id, team }: Channel) => `/${team.name}/channels/${id}`;

function settingsOf(channel: Channel, { pluginPath, siteUrl, subpath }: PageConfig): pages.InstanceConfig {
  const place = placeOf(channel);
  const tab = `${siteUrl.slice(0, siteUrl.length - subpath.length)}${pluginPath}/tab`;
  return {
    entityId: `channel_${channel.id}`,
    suggestedDisplayName: channel.name,
    // Teams fills in theme and language, as in the personal tab.
    contentUrl: `${tab}?theme={app.theme}&locale={app.locale}&open=${encodeURIComponent(place)}`,
    websiteUrl: `${siteUrl}${place}`,
  };
}

/** The place that the tab currently shows, when its settings are changed; `null` for a new tab. */
async function pinnedNow(): Promise<string | null> {
  const { contentUrl } = await pages.getConfig().catch(() => ({ contentUrl: "" }));
  return contentUrl && URL.canParse(contentUrl) ? new URL(contentUrl).searchParams.get("open") : null;
}

async function channelsOf(config: PageConfig, fetch: typeof globalThis.fetch): Promise<Channel[]> {
  const api = `${config.subpath}/api/v4/users/me`;
  const read = async (path: string) => {
    const response = await fetch(`${api}${path}`);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return (await response.json()) as Record<string, unknown>[];
  };
  const [teams, channels] = await Promise.all([read("/teams"), read("/channels")]);
  const teamById = new Map(
    teams.map((team) => [team.id, { name: String(team.name), title: String(team.display_name) }]),
  );
  return channels
    .flatMap((channel): Channel[] => {
      const team = teamById.get(channel.team_id);
      if (!team || Number(channel.delete_at ?? 0) > 0 || !["O", "P"].includes(String(channel.type)))
        return [];
      const { display_name: name, id, type } = channel;
      return [{ id: String(id), name: String(name), team, isPrivate: type === "P" }];
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}
