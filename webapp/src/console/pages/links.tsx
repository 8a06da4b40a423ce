/** The links between accounts and Microsoft identities, and the import of links from the earlier plugin. */

import * as React from "react";
import type { LinkBasis } from "../../../../server/people/link.ts";
import { ReadOnly } from "../access.ts";
import { download, get, post, send } from "../api.ts";
import { Box } from "../box.tsx";
import { useLive } from "../live.ts";
import { ActionButton, AdminOnly, Failure, useAction, useReveal, when } from "../parts.tsx";
import { PeopleList, type PersonRow } from "../people-list.tsx";
import { type Key, t, tn } from "../translate.ts";

interface LinkRow extends PersonRow {
  readonly objectId: string;
  readonly linkedAt: number;
  readonly basis: LinkBasis;
}
interface Page {
  readonly links: readonly LinkRow[];
  readonly total: number;
}

const PATH = "/api/v1/admin/links";

async function read(query: string) {
  const { links, total } = await get<Page>(`${PATH}?${query}`);
  return { rows: links, total };
}

export function LinksPage(): React.ReactElement {
  useLive();
  return (
    <>
      <h2>{t("page.links")}</h2>
      <p className="mc-lead">{t("links.lead")}</p>
      <AdminOnly>
        <PeopleList
          page="links"
          read={read}
          report={() => download(`${PATH}.csv`, "links.csv")}
          end={({ userId }) => send("DELETE", `${PATH}/${userId}`)}
          words={{
            search: "links.search",
            report: "links.csv",
            total: "links.total",
            end: "links.remove",
            endOf: "links.removeOf",
            sure: "links.sure",
          }}
          headings={["links.object", "links.since", "links.basis"]}
          cells={({ basis, linkedAt, objectId }) => [
            <code key="object">{objectId}</code>,
            when(new Date(linkedAt).toISOString()),
            t(`links.basis.${basis}`),
          ]}
          below={(reload) => <LinkImport imported={reload} />}
        />
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
