/** A long list of people with their accounts and further columns. */

import * as React from "react";
import { LongList, type LongListProps } from "./long-list.tsx";
import { type Key, t, tn } from "./translate.ts";

export interface PersonRow {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly active: boolean;
}

export interface PeopleListProps<Row extends PersonRow>
  extends Pick<LongListProps<Row>, "page" | "read" | "end" | "cells" | "below"> {
  readonly report: (search: string) => Promise<unknown>;
  readonly words: Readonly<Record<"search" | "report" | "total" | "end" | "endOf" | "sure", Key>>;
  /** The columns between the person and the button. */
  readonly headings: readonly Key[];
}

export function PeopleList<Row extends PersonRow>(props: PeopleListProps<Row>): React.ReactElement {
  const { headings, words, ...more } = props;
  return (
    <LongList<Row>
      {...more}
      keyOf={({ userId }) => userId}
      nameOf={({ username }) => username}
      head={({ active, email, username }) => (
        <>
          @{username}
          <div className="mc-hint">
            {email}
            {active ? "" : ` (${t("links.inactive")})`}
          </div>
        </>
      )}
      headings={[t("links.user"), ...headings.map((heading) => t(heading))]}
      words={{
        ...{ search: t(words.search), report: t(words.report), end: t(words.end), sure: t(words.sure) },
        total: (count) => tn(words.total, count),
        endOf: (user) => t(words.endOf, { user }),
      }}
    />
  );
}
