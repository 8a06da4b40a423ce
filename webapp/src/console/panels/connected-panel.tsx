/** The connected accounts: counts, a list with search and pages, the report, and a button to disconnect. */

import * as React from "react";
import { download, get, send } from "../api.ts";
import { useLive } from "../live.ts";
import { when } from "../parts.tsx";
import { PeopleList, type PersonRow } from "../people-list.tsx";
import { t } from "../translate.ts";

interface Row extends PersonRow {
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

export function ConnectedPanel(): React.ReactElement {
  useLive();
  const [stats, setStats] = React.useState<Stats | null>(null);
  const read = async (query: string) => {
    const [{ connections, total }, counts] = await Promise.all([
      get<Page>(`${PATH}?${query}`),
      get<Stats>(`${PATH}/stats`),
    ]);
    setStats(counts);
    return { rows: connections, total };
  };
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
      <PeopleList
        page="accounts"
        read={read}
        report={(search) =>
          download(`${PATH}.csv?search=${encodeURIComponent(search)}`, "connected-accounts.csv")
        }
        end={({ userId }) => send("DELETE", `${PATH}/${userId}`)}
        words={{
          search: "accounts.search",
          report: "accounts.report",
          total: "accounts.total",
          end: "accounts.disconnect",
          endOf: "accounts.disconnectOf",
          sure: "accounts.sure",
        }}
        headings={["accounts.microsoft", "accounts.since", "accounts.state"]}
        cells={({ account, lost, since }) => [
          account,
          when(new Date(since).toISOString()),
          t(lost ? "accounts.lost" : "accounts.works"),
        ]}
      />
    </div>
  );
}
