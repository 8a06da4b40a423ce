/** Settings and icons of the earlier plugin: a preview, a button to apply them, and one to undo it. */

import * as React from "react";
import { get, post, send, sendElsewhere } from "../api.ts";
import { Box } from "../box.tsx";
import { labelOf } from "../fields.tsx";
import { takeSavedSettings } from "../host.ts";
import { ActionButton, Failure, useAction } from "../parts.tsx";
import { t } from "../translate.ts";
import { ChangesTable } from "./changes-table.tsx";

interface Preview {
  readonly canUndo: boolean;
  readonly found: readonly {
    readonly plugin: string;
    readonly rows: readonly { key: string; value: string; current: string; differs: boolean }[];
  }[];
}

export function ImportPanel(): React.ReactElement | null {
  const action = useAction();
  const [preview, setPreview] = React.useState<Preview | null>(null);
  const [said, setSaid] = React.useState("");
  const { run } = action;
  const load = React.useCallback(async () => setPreview(await get<Preview>("/api/v1/admin/import")), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is built
  React.useEffect(() => void run(load), [load]);
  if (!preview || (preview.found.length === 0 && !preview.canUndo)) return null;

  const take = (plugin: string, keys: readonly string[]) =>
    void run(async () => {
      await post("/api/v1/admin/import", { plugin });
      const icons = await copyIcons(plugin);
      await takeSavedSettings(keys);
      await load();
      setSaid(t(icons > 0 ? "import.doneWithIcons" : "import.done"));
    });
  const undo = () =>
    void run(async () => {
      await post("/api/v1/admin/import/undo");
      await takeSavedSettings(preview.found.flatMap(({ rows }) => rows.map(({ key }) => key)));
      await load();
      setSaid(t("import.undone"));
    });

  return (
    <Box title={t("import.title")} part="import">
      {preview.found.map(({ plugin, rows }) => (
        <section key={plugin}>
          <p>{t("import.lead", { plugin })}</p>
          <ChangesTable>
            {rows.map(({ key, value, current, differs }) => (
              <tr key={key}>
                <th scope="row">{labelOf(key)}</th>
                <td>{current || "–"}</td>
                <td>{differs ? value : t("import.same")}</td>
              </tr>
            ))}
          </ChangesTable>
          <ActionButton
            disabled={action.busy || rows.every(({ differs }) => !differs)}
            onClick={() =>
              take(
                plugin,
                rows.map(({ key }) => key),
              )
            }
          >
            {t("import.run")}
          </ActionButton>
        </section>
      ))}
      {preview.canUndo && (
        <p>
          <ActionButton kind="tertiary" disabled={action.busy} onClick={undo}>
            {t("import.undo")}
          </ActionButton>
        </p>
      )}
      <p role="status" className="mc-good">
        {said}
      </p>
      <Failure error={action.error} />
    </Box>
  );
}

/** The earlier plugin's icons are in its own store; while it runs, its own route returns them to an admin. */
async function copyIcons(plugin: string): Promise<number> {
  let copied = 0;
  for (const name of ["color", "outline"]) {
    try {
      const icon = await (await sendElsewhere(`/plugins/${plugin}/icons/${name}`)).blob();
      await send("PUT", `/api/v1/admin/icons/${name}`, icon);
      copied += 1;
    } catch {
      // It is switched off, has no icon, or the icon is not acceptable for Teams: the default stays.
    }
  }
  return copied;
}
