/** People of a long list: search, report, table with pages, and a way to end what each row stands for. */

import * as React from "react";
import { isSystemAdmin } from "./access.ts";
import { isOpen } from "./navigation.ts";
import { ActionButton, Failure, useAction } from "./parts.tsx";
import { type Key, t, tn } from "./translate.ts";

export interface PersonRow {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly active: boolean;
}

export interface PeopleListProps<Row extends PersonRow> {
  /** Page of the console: the list is read while it is open. */
  readonly page: string;
  /** `query` has search, page and rows of a page, for the address. */
  readonly read: (query: string) => Promise<{ readonly rows: readonly Row[]; readonly total: number }>;
  readonly report: (search: string) => Promise<unknown>;
  readonly end: (row: Row) => Promise<unknown>;
  readonly words: Readonly<Record<"search" | "report" | "total" | "end" | "endOf" | "sure", Key>>;
  /** Of the columns between the person and the button. */
  readonly headings: readonly Key[];
  readonly cells: (row: Row) => readonly React.ReactNode[];
  /** Below the list; `reload` reads the list again. */
  readonly below?: (reload: () => void) => React.ReactElement;
}

const PER_PAGE = 50;
const SEARCH_PAUSE_MS = 300;

export function PeopleList<Row extends PersonRow>(props: PeopleListProps<Row>): React.ReactElement {
  const { cells, headings, words } = props;
  const action = useAction();
  const [search, setSearch] = React.useState("");
  const [page, setPage] = React.useState(0);
  const [found, setFound] = React.useState<Awaited<ReturnType<typeof props.read>> | null>(null);
  const [asked, setAsked] = React.useState<Row | null>(null);
  const open = isOpen(props.page);
  const { run } = action;
  const query = `search=${encodeURIComponent(search)}&page=${page}&per_page=${PER_PAGE}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same question is read in the same way
  const load = React.useCallback(async () => setFound(await props.read(query)), [query]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the page is opened or the question changes
  React.useEffect(() => {
    if (!open || !isSystemAdmin()) return;
    const timer = setTimeout(() => void run(load), SEARCH_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [open, load]);

  const end = (row: Row) =>
    void run(async () => {
      await props.end(row);
      setAsked(null);
      await load();
    });

  return (
    <>
      <p className="mc-row">
        <input
          type="search"
          className="form-control"
          aria-label={t(words.search)}
          placeholder={t(words.search)}
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            setPage(0);
          }}
        />
        <ActionButton kind="tertiary" onClick={() => void run(async () => void (await props.report(search)))}>
          {t(words.report)}
        </ActionButton>
      </p>
      <p role="status">{found ? tn(words.total, found.total) : ""}</p>
      {found && found.rows.length > 0 && (
        <div className="mc-scroll">
          <table className="mc-table">
            <thead>
              <tr>
                <th scope="col">{t("links.user")}</th>
                {headings.map((heading) => (
                  <th key={heading} scope="col">
                    {t(heading)}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {found.rows.map((row) => (
                <tr key={row.userId} data-user={row.username}>
                  <th scope="row">
                    @{row.username}
                    <div className="mc-hint">
                      {row.email}
                      {row.active ? "" : ` (${t("links.inactive")})`}
                    </div>
                  </th>
                  {cells(row).map((cell, index) => (
                    <td key={headings[index]}>{cell}</td>
                  ))}
                  <td>
                    {asked?.userId === row.userId ? (
                      <>
                        <ActionButton kind="danger" small onClick={() => end(row)}>
                          {t(words.sure)}
                        </ActionButton>{" "}
                        <ActionButton kind="tertiary" small onClick={() => setAsked(null)}>
                          {t("links.keep")}
                        </ActionButton>
                      </>
                    ) : (
                      <ActionButton
                        kind="tertiary"
                        small
                        label={t(words.endOf, { user: row.username })}
                        onClick={() => setAsked(row)}
                      >
                        {t(words.end)}
                      </ActionButton>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found && found.total > PER_PAGE && (
        <p className="mc-row">
          <ActionButton kind="tertiary" disabled={page === 0} onClick={() => setPage(page - 1)}>
            {t("links.before")}
          </ActionButton>
          <ActionButton
            kind="tertiary"
            disabled={(page + 1) * PER_PAGE >= found.total}
            onClick={() => setPage(page + 1)}
          >
            {t("links.next")}
          </ActionButton>
        </p>
      )}
      <Failure error={action.error} />
      {props.below?.(() => void run(load))}
    </>
  );
}
