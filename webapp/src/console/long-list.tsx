/** A long list: search, report, table with pages, and a button that removes a row's item. */

import * as React from "react";
import { isSystemAdmin } from "./access.ts";
import { type Found, hasPages, isLastPage, ListReader, type Shown, statusText } from "./list-reader.ts";
import { isOpen } from "./navigation.ts";
import { ActionButton, Failure, useAction } from "./parts.tsx";
import { t } from "./translate.ts";

export interface LongListWords {
  readonly search: string;
  readonly report?: string;
  readonly total: (count: number) => string;
  readonly end: string;
  /** The button's label for screen readers. */
  readonly endOf: (name: string) => string;
  readonly sure: string;
}

export interface LongListProps<Row> {
  /** The page of the console; the list is read while it is open. */
  readonly page: string;
  /** `query` contains search, page and page size, for the address. */
  readonly read: (query: string) => Promise<Found<Row>>;
  readonly report?: (search: string) => Promise<unknown>;
  readonly keyOf: (row: Row) => string;
  /** Distinguishes the row's buttons from those of other rows. */
  readonly nameOf: (row: Row) => string;
  readonly head: (row: Row) => React.ReactNode;
  readonly end: (row: Row) => Promise<unknown>;
  readonly words: LongListWords;
  /** Headings of the first column and of those between it and the buttons. */
  readonly headings: readonly [string, ...string[]];
  readonly cells: (row: Row) => readonly React.ReactNode[];
  /** Further buttons of a row; `run` performs their action and reads the list again. */
  readonly actions?: (row: Row, run: (work: () => Promise<unknown>) => void) => React.ReactNode;
  /** Shown below the list; `reload` reads the list again. */
  readonly below?: (reload: () => void) => React.ReactElement;
}

const SEARCH_PAUSE_MS = 300;

export function LongList<Row>(props: LongListProps<Row>): React.ReactElement {
  const { cells, keyOf, nameOf, report, words } = props;
  const [heading, ...headings] = props.headings;
  const action = useAction();
  const [search, setSearch] = React.useState("");
  const [page, setPage] = React.useState(0);
  const [shown, setShown] = React.useState<Shown<Row>>({ found: null, error: null });
  const [asked, setAsked] = React.useState<Row | null>(null);
  const reader = React.useMemo(() => new ListReader<Row>(), []);
  // An action that ends later reads what is on the screen then.
  const question = React.useRef({ search, page });
  question.current = { search, page };
  const open = isOpen(props.page);
  const { found } = shown;

  const load = async () => {
    const answer = await reader.read(props.read, question.current);
    if (!answer) return;
    setShown((before) => ({ found: answer.found ?? before.found, error: answer.error }));
    setPage(answer.page);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the page is opened or the question changes
  React.useEffect(() => {
    if (!open || !isSystemAdmin()) return;
    const timer = setTimeout(() => void load(), SEARCH_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      reader.stop();
    };
  }, [open, search, page]);

  const act = (work: () => Promise<unknown>) =>
    void action.run(async () => {
      await work();
      setAsked(null);
      await load();
    });

  return (
    <>
      <p className="mc-row">
        <input
          type="search"
          className="form-control"
          aria-label={words.search}
          placeholder={words.search}
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            setPage(0);
          }}
        />
        {report && (
          <ActionButton
            kind="tertiary"
            onClick={() => void action.run(async () => void (await report(search)))}
          >
            {words.report}
          </ActionButton>
        )}
      </p>
      <p role="status">{statusText(shown, { total: words.total, running: t("checks.running") })}</p>
      {found && found.rows.length > 0 && (
        <div className="mc-scroll">
          <table className="mc-table">
            <thead>
              <tr>
                <th scope="col">{heading}</th>
                {headings.map((one) => (
                  <th key={one} scope="col">
                    {one}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {found.rows.map((row) => (
                <tr key={keyOf(row)} data-row={nameOf(row)}>
                  <th scope="row">{props.head(row)}</th>
                  {cells(row).map((cell, index) => (
                    <td key={headings[index]}>{cell}</td>
                  ))}
                  <td>
                    {asked && keyOf(asked) === keyOf(row) ? (
                      <>
                        <ActionButton
                          kind="danger"
                          small
                          disabled={action.busy}
                          onClick={() => act(() => props.end(row))}
                        >
                          {words.sure}
                        </ActionButton>{" "}
                        <ActionButton kind="tertiary" small onClick={() => setAsked(null)}>
                          {t("links.keep")}
                        </ActionButton>
                      </>
                    ) : (
                      <>
                        {props.actions?.(row, act)}{" "}
                        <ActionButton
                          kind="tertiary"
                          small
                          label={words.endOf(nameOf(row))}
                          onClick={() => setAsked(row)}
                        >
                          {words.end}
                        </ActionButton>
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found && hasPages(page, found.total) && (
        <p className="mc-row">
          <ActionButton kind="tertiary" disabled={page === 0} onClick={() => setPage(page - 1)}>
            {t("links.before")}
          </ActionButton>
          <ActionButton
            kind="tertiary"
            disabled={isLastPage(page, found.total)}
            onClick={() => setPage(page + 1)}
          >
            {t("links.next")}
          </ActionButton>
        </p>
      )}
      <Failure error={action.error ?? shown.error} />
      {props.below?.(() => void load())}
    </>
  );
}
