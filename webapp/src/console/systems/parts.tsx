/** Components for a system: state, numbers, problems and links to their cures. */

import * as React from "react";
import { textOf } from "../live.ts";
import { goTo, type Place } from "../navigation.ts";
import { LinkButton, StateMark, WholeIds } from "../parts.tsx";
import { currentLocale, type Key, t } from "../translate.ts";
import type { Figure, Health, SystemCard, Trouble } from "./api.ts";
import { words } from "./words.ts";

const marks = { off: "off", working: "ok", attention: "warning", broken: "problem" } as const;

export function HealthMark({ health }: { health: Health }): React.ReactElement {
  return <StateMark state={marks[health]}>{words()(`health.${health}`)}</StateMark>;
}

const time = (at: number | null): string =>
  at === null ? "–" : new Date(at).toLocaleString(currentLocale());

export function Figures({ figures }: { figures: readonly Figure[] }): React.ReactElement | null {
  if (figures.length === 0) return null;
  return (
    <dl className="mc-figures">
      {figures.map(({ at, code, count, says }) => (
        <React.Fragment key={code}>
          <dt>{says}</dt>
          <dd data-figure={code}>
            {count === undefined ? time(at ?? null) : count.toLocaleString(currentLocale())}
          </dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

/** A link to a setting, or to a page by its name. */
export function PlaceLink({ place }: { place: Place }): React.ReactElement {
  return <LinkButton onClick={() => goTo(place)}>{nameOf(place)}</LinkButton>;
}

function nameOf({ page, part, setting }: Place): string {
  if (setting !== undefined) return t("checks.go");
  if (part !== "setup") return words()("goTo", { page: t(`page.${page}` as Key) });
  return textOf("m365_client_id") === "" ? t("setup.start") : words()("repair");
}

/** How many people it fails for, with a link to the list. */
export function FailingLines({ failing }: Pick<SystemCard, "failing">): React.ReactElement {
  return (
    <>
      {failing.map(({ place, says }) => (
        <p key={says} className="mc-needed" data-failing="">
          {says} <PlaceLink place={place} />
        </p>
      ))}
    </>
  );
}

/** Has no link when the reader is already in the right place. */
export function TroubleList({
  here,
  trouble,
}: {
  readonly here?: string;
  readonly trouble: readonly Trouble[];
}): React.ReactElement | null {
  if (trouble.length === 0) return null;
  return (
    <ul className="mc-troubles">
      {trouble.map(({ at, cure, place, says, state }) => (
        <li key={says} data-state={state}>
          <WholeIds text={says} />
          {at !== undefined && <span className="mc-hint"> {time(at)}</span>}
          {cure !== "" && (
            <div className="mc-cure">
              <strong>{t("checks.cure")}</strong> {cure}
            </div>
          )}
          {place && place.page !== here && <PlaceLink place={place} />}
        </li>
      ))}
    </ul>
  );
}
