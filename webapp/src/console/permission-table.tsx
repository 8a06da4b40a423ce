/** The permissions that the saved settings need, with the purpose of each and what members lose without it. */

import * as React from "react";
import { get } from "./api.ts";
import { Box } from "./box.tsx";
import { Failure, useAction } from "./parts.tsx";
import { t } from "./translate.ts";

export interface Permission {
  readonly kind: "sign_in" | "delegated" | "application";
  readonly name: string;
  readonly optional: boolean;
  readonly why: string;
  readonly without: string;
}

export function PermissionTable({ rows }: { rows: readonly Permission[] }): React.ReactElement {
  return (
    <div className="mc-scroll" data-permissions>
      <table className="mc-table">
        <thead>
          <tr>
            <th scope="col">{t("permissions.name")}</th>
            <th scope="col">{t("permissions.kind")}</th>
            <th scope="col">{t("permissions.why")}</th>
            <th scope="col">{t("permissions.without")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ kind, name, optional, why, without }) => (
            <tr key={`${kind} ${name}`}>
              <th scope="row">
                <code>{name}</code>
                {optional && <div className="mc-hint">{t("permissions.optional")}</div>}
              </th>
              <td>{t(`permissions.kind.${kind}`)}</td>
              <td>{why}</td>
              <td>{without}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** For the saved settings: a switch that is not saved yet needs nothing. */
export function PermissionsPanel(): React.ReactElement {
  const action = useAction();
  const [rows, setRows] = React.useState<readonly Permission[] | null>(null);
  const open = () =>
    void action.run(async () => {
      const answer = await get<{ permissions: readonly Permission[] }>("/api/v1/admin/permissions");
      setRows(answer.permissions);
    });
  return (
    <Box title={t("permissions.title")} part="permissions" onOpen={open}>
      <p>{t("permissions.lead")}</p>
      <Failure error={action.error} />
      {rows && <PermissionTable rows={rows} />}
    </Box>
  );
}
