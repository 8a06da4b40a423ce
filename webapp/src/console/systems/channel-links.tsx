/**
 * A row for each link: both channels, the last message in each direction, the numbers of waiting and failed messages,
 * and the reason if it is paused.
 */

import * as React from "react";
import { get, send } from "../api.ts";
import { LongList } from "../long-list.tsx";
import { ActionButton, StateMark } from "../parts.tsx";
import { currentLocale } from "../translate.ts";
import { type Word, words } from "./words.ts";

/**
 * `GET /api/v1/admin/channels/links` (server/features/channels/links/link-states.ts). Times are in milliseconds since
 * 1970.
 */
export interface Link {
  readonly id: string;
  readonly mattermost: { readonly channel: string | null; readonly team: string | null };
  readonly teams: { readonly team: string; readonly channel: string };
  readonly paused: string | null;
  readonly pausedAt: number | null;
  readonly lastToTeams: number | null;
  readonly lastToMattermost: number | null;
  readonly waitingToTeams: number;
  readonly waitingToMattermost: number;
  readonly waitingSince: number | null;
  readonly parked: number;
  readonly failed: number;
  readonly lastFailure: string | null;
}

const PATH = "/api/v1/admin/channels/links";

const nameOf = ({ mattermost, teams }: Link): string =>
  `${mattermost.team ?? "–"} / ${mattermost.channel ?? "–"} ↔ ${teams.team} / ${teams.channel}`;

/** Links that do not work come first. */
export const worstFirst = (links: readonly Link[]): readonly Link[] =>
  [...links].sort((a, b) => weight(b) - weight(a));

const weight = ({ parked, paused, waitingSince }: Link): number =>
  paused ? 3 : parked > 0 ? 2 : waitingSince === null ? 0 : 1;

/** The server sends all its links; the page is cut out here. */
async function read(query: string): Promise<{ readonly rows: readonly Link[]; readonly total: number }> {
  const asked = new URLSearchParams(query);
  const search = (asked.get("search") ?? "").toLowerCase();
  const [page, size] = [Number(asked.get("page")), Number(asked.get("per_page"))];
  const { links } = await get<{ links: readonly Link[] }>(PATH);
  const found = worstFirst(links.filter((one) => nameOf(one).toLowerCase().includes(search)));
  return { rows: found.slice(page * size, (page + 1) * size), total: found.length };
}

export function ChannelLinks(): React.ReactElement {
  const say = words();
  return (
    <div data-part="links">
      <h3>{say("links.title")}</h3>
      <LongList<Link>
        page="channels"
        read={read}
        keyOf={({ id }) => id}
        nameOf={nameOf}
        end={({ id }) => send("DELETE", `${PATH}/${id}`)}
        headings={[
          say("links.channels"),
          say("links.toTeams"),
          say("links.toMattermost"),
          say("links.state"),
        ]}
        head={({ mattermost, teams }) => (
          <>
            {mattermost.channel ?? say("links.gone")}
            <div className="mc-hint">{mattermost.team}</div>
            <div>↔ {teams.channel}</div>
            <div className="mc-hint">{teams.team}</div>
          </>
        )}
        cells={(link) => [
          <Way key="out" at={link.lastToTeams} waiting={link.waitingToTeams} />,
          <Way key="in" at={link.lastToMattermost} waiting={link.waitingToMattermost} />,
          <LinkState key="state" link={link} />,
        ]}
        actions={(link, run) => (
          <ActionButton
            kind="tertiary"
            small
            label={say("links.retryOf", { name: nameOf(link) })}
            onClick={() => run(() => send("POST", `${PATH}/${link.id}/retry`))}
          >
            {say("links.retry")}
          </ActionButton>
        )}
        words={{
          search: say("links.search"),
          total: (count) => say.count("links.total", count),
          end: say("links.unlink"),
          endOf: (name) => say("links.unlinkOf", { name }),
          sure: say("links.sure"),
        }}
      />
    </div>
  );
}

const time = (at: number): string => new Date(at).toLocaleString(currentLocale());

function Way({ at, waiting }: { at: number | null; waiting: number }): React.ReactElement {
  const say = words();
  return (
    <>
      {at === null ? say("never") : time(at)}
      {waiting > 0 && <div>{say.count("links.waiting", waiting)}</div>}
    </>
  );
}

function LinkState({ link }: { link: Link }): React.ReactElement {
  const { failed, lastFailure, parked, paused, pausedAt, waitingSince } = link;
  const say = words();
  const state = paused ? "problem" : parked > 0 ? "warning" : "ok";
  const word: Word = paused ? "links.paused" : parked > 0 ? "links.parked" : "links.works";
  return (
    <>
      <StateMark state={state}>{say(word)}</StateMark>
      {paused && (
        <div>
          {say(`links.why.${paused}` as Word)} {pausedAt !== null && time(pausedAt)}
        </div>
      )}
      {waitingSince !== null && <div>{say("links.since", { at: time(waitingSince) })}</div>}
      {parked > 0 && <div>{say.count("links.parkedCount", parked)}</div>}
      {failed > 0 && (
        <div className="mc-hint">
          {say.count("links.failed", failed)}{" "}
          {lastFailure !== null && say("links.lastFailure", { reason: reasonOf(lastFailure) })}
        </div>
      )}
    </>
  );
}

const reasons = ["not_connected", "forbidden", "gone", "too_large", "refused", "expired"];
const reasonOf = (code: string): string =>
  reasons.includes(code) ? words()(`links.failure.${code}` as Word) : code;
