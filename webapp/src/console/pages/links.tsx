/** Who is linked with which Microsoft identity, and links brought along from the earlier plugin. */

import * as React from "react";
import { isSystemAdmin, ReadOnly } from "../access.ts";
import { download, get, post, send } from "../api.ts";
import { Box } from "../box.tsx";
import { useLive } from "../live.ts";
import { isOpen } from "../navigation.ts";
import { ActionButton, AdminOnly, Failure, useAction, useReveal, when } from "../parts.tsx";
import { type Key, t, tn } from "../translate.ts";

interface LinkRow {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly active: boolean;
  readonly objectId: string;
  readonly linkedAt: number;
  readonly basis: string;
}
interface Page {
  readonly links: readonly LinkRow[];
  readonly total: number;
}

const PER_PAGE = 50;
const SEARCH_PAUSE_MS = 300;

export function LinksPage(): React.ReactElement {
  useLive();
  const action = useAction();
  const [search, setSearch] = React.useState("");
  const [page, setPage] = React.useState(0);
  const [found, setFound] = React.useState<Page | null>(null);
  const [asked, setAsked] = React.useState<LinkRow | null>(null);
  const open = isOpen("links");
  const { run } = action;
  const query = `search=${encodeURIComponent(search)}&page=${page}&per_page=${PER_PAGE}`;
  const load = React.useCallback(
    async () => setFound(await get<Page>(`/api/v1/admin/links?${query}`)),
    [query],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the page is opened or the question changes
  React.useEffect(() => {
    if (!open || !isSystemAdmin()) return;
    const timer = setTimeout(() => void run(load), SEARCH_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [open, load]);

  const remove = (row: LinkRow) =>
    void run(async () => {
      await send("DELETE", `/api/v1/admin/links/${row.userId}`);
      setAsked(null);
      await load();
    });

  return (
    <>
      <h2>{t("page.links")}</h2>
      <p className="mc-lead">{t("links.lead")}</p>
      <AdminOnly>
        <p className="mc-row">
          <input
            type="search"
            className="form-control"
            aria-label={t("links.search")}
            placeholder={t("links.search")}
            value={search}
            onChange={(event) => {
              setSearch(event.target.value);
              setPage(0);
            }}
          />
          <ActionButton
            kind="tertiary"
            onClick={() =>
              void run(async () => void (await download("/api/v1/admin/links.csv", "links.csv")))
            }
          >
            {t("links.csv")}
          </ActionButton>
        </p>
        <p role="status">{found ? tn("links.total", found.total) : ""}</p>
        {found && found.links.length > 0 && (
          <div className="mc-scroll">
            <table className="mc-table">
              <thead>
                <tr>
                  <th scope="col">{t("links.user")}</th>
                  <th scope="col">{t("links.object")}</th>
                  <th scope="col">{t("links.since")}</th>
                  <th scope="col">{t("links.basis")}</th>
                  <td />
                </tr>
              </thead>
              <tbody>
                {found.links.map((row) => (
                  <tr key={row.userId} data-user={row.username}>
                    <th scope="row">
                      @{row.username}
                      <div className="mc-hint">
                        {row.email}
                        {row.active ? "" : ` (${t("links.inactive")})`}
                      </div>
                    </th>
                    <td>
                      <code>{row.objectId}</code>
                    </td>
                    <td>{when(new Date(row.linkedAt).toISOString())}</td>
                    <td>{t(`links.basis.${row.basis}` as Key)}</td>
                    <td>
                      {asked?.userId === row.userId ? (
                        <>
                          <ActionButton kind="danger" small onClick={() => remove(row)}>
                            {t("links.sure")}
                          </ActionButton>{" "}
                          <ActionButton kind="tertiary" small onClick={() => setAsked(null)}>
                            {t("links.keep")}
                          </ActionButton>
                        </>
                      ) : (
                        <ActionButton
                          kind="tertiary"
                          small
                          label={t("links.removeOf", { user: row.username })}
                          onClick={() => setAsked(row)}
                        >
                          {t("links.remove")}
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
        <LinkImport imported={() => void run(load)} />
      </AdminOnly>
    </>
  );
}

interface Counted {
  readonly counts: Readonly<Record<string, number>>;
  readonly unreadable: number;
}

function LinkImport({ imported }: { imported: () => void }): React.ReactElement {
  const action = useAction();
  const [text, setText] = React.useState("");
  const [dry, setDry] = React.useState<Counted | null>(null);
  const [done, setDone] = React.useState<Counted | null>(null);
  const ask = (dryRun: boolean) =>
    action.run(async () => {
      const counted = await post<Counted>("/api/v1/admin/import/links", { text, dryRun });
      if (dryRun) setDry(counted);
      else {
        setDone(counted);
        setDry(null);
        imported();
      }
    });
  const read = async (file: File | undefined) => {
    setText(file ? await file.text() : "");
    setDry(null);
    setDone(null);
  };
  const readOnly = React.useContext(ReadOnly);
  const shown = done ?? dry;
  const place = useReveal<HTMLDivElement>(shown);
  return (
    <Box title={t("linkImport.title")} part="link-import">
      <p>{t("linkImport.lead")}</p>
      <input
        type="file"
        disabled={readOnly}
        aria-label={t("linkImport.file")}
        accept=".json,.jsonl,.txt,.csv"
        onChange={(event) => void read(event.target.files?.[0])}
      />
      <p>
        <ActionButton disabled={action.busy || text === ""} onClick={() => void ask(true)}>
          {t("linkImport.preview")}
        </ActionButton>{" "}
        {dry && (dry.counts.link ?? 0) > 0 && (
          <ActionButton disabled={action.busy} onClick={() => void ask(false)}>
            {t("linkImport.run")}
          </ActionButton>
        )}
      </p>
      <div role="status" ref={place}>
        {shown && (
          <ul>
            {Object.entries(shown.counts).map(([verdict, count]) => (
              <li key={verdict}>{tn(`linkImport.${verdict}` as Key, count)}</li>
            ))}
            {shown.unreadable > 0 && <li>{tn("linkImport.unreadable", shown.unreadable)}</li>}
          </ul>
        )}
        {done && <p className="mc-good">{t("linkImport.done")}</p>}
      </div>
      <Failure error={action.error} />
    </Box>
  );
}
