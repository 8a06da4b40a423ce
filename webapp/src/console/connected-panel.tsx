/** Who is connected: counts, a list with search and pages, the report, and a way to end a connection. */

import * as React from "react";
import { isSystemAdmin } from "./access.ts";
import { download, get, send } from "./api.ts";
import { useLive } from "./live.ts";
import { isOpen } from "./navigation.ts";
import { ActionButton, Failure, useAction, when } from "./parts.tsx";
import { t, tn } from "./translate.ts";

interface Row {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly active: boolean;
  readonly account: string;
  readonly since: number;
  readonly lost: boolean;
}
interface Page {
  readonly connections: readonly Row[];
  readonly total: number;
}
interface Stats {
  readonly connected: number;
  readonly pendingInvitations: number;
  readonly allowed: number;
  readonly activeSevenDays: number;
}

const PATH = "/api/v1/admin/connections";
const PER_PAGE = 50;
const SEARCH_PAUSE_MS = 300;

export function ConnectedPanel(): React.ReactElement {
  useLive();
  const action = useAction();
  const [search, setSearch] = React.useState("");
  const [page, setPage] = React.useState(0);
  const [found, setFound] = React.useState<Page | null>(null);
  const [stats, setStats] = React.useState<Stats | null>(null);
  const [asked, setAsked] = React.useState<Row | null>(null);
  const open = isOpen("accounts");
  const { run } = action;
  const query = `search=${encodeURIComponent(search)}&page=${page}&per_page=${PER_PAGE}`;
  const load = React.useCallback(async () => {
    const [rows, counts] = await Promise.all([get<Page>(`${PATH}?${query}`), get<Stats>(`${PATH}/stats`)]);
    setFound(rows);
    setStats(counts);
  }, [query]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the page is opened or the question changes
  React.useEffect(() => {
    if (!open || !isSystemAdmin()) return;
    const timer = setTimeout(() => void run(load), SEARCH_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [open, load]);

  const end = (row: Row) =>
    void run(async () => {
      await send("DELETE", `${PATH}/${row.userId}`);
      setAsked(null);
      await load();
    });

  return (
    <div data-part="connected">
      <h3>{t("accounts.connected")}</h3>
      {stats && (
        <p role="status">
          {t("accounts.counts", {
            connected: String(stats.connected),
            active: String(stats.activeSevenDays),
            invited: String(stats.pendingInvitations),
          })}
        </p>
      )}
      <p className="mc-row">
        <input
          type="search"
          className="form-control"
          aria-label={t("accounts.search")}
          placeholder={t("accounts.search")}
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            setPage(0);
          }}
        />
        <ActionButton
          kind="tertiary"
          onClick={() =>
            void run(
              async () =>
                void (await download(
                  `${PATH}.csv?search=${encodeURIComponent(search)}`,
                  "connected-accounts.csv",
                )),
            )
          }
        >
          {t("accounts.report")}
        </ActionButton>
      </p>
      <p role="status">{found ? tn("accounts.total", found.total) : ""}</p>
      {found && found.connections.length > 0 && (
        <div className="mc-scroll">
          <table className="mc-table">
            <thead>
              <tr>
                <th scope="col">{t("links.user")}</th>
                <th scope="col">{t("accounts.microsoft")}</th>
                <th scope="col">{t("accounts.since")}</th>
                <th scope="col">{t("accounts.state")}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {found.connections.map((row) => (
                <tr key={row.userId} data-user={row.username}>
                  <th scope="row">
                    @{row.username}
                    <div className="mc-hint">
                      {row.email}
                      {row.active ? "" : ` (${t("links.inactive")})`}
                    </div>
                  </th>
                  <td>{row.account}</td>
                  <td>{when(new Date(row.since).toISOString())}</td>
                  <td>{t(row.lost ? "accounts.lost" : "accounts.works")}</td>
                  <td>
                    {asked?.userId === row.userId ? (
                      <>
                        <ActionButton kind="danger" small onClick={() => end(row)}>
                          {t("accounts.sure")}
                        </ActionButton>{" "}
                        <ActionButton kind="tertiary" small onClick={() => setAsked(null)}>
                          {t("links.keep")}
                        </ActionButton>
                      </>
                    ) : (
                      <ActionButton
                        kind="tertiary"
                        small
                        label={t("accounts.disconnectOf", { user: row.username })}
                        onClick={() => setAsked(row)}
                      >
                        {t("accounts.disconnect")}
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
    </div>
  );
}
