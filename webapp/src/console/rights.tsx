/**
 * Explains, before a Microsoft sign-in, what it requests and why, what remains of it, and the alternatives that need
 * less.
 */

import * as React from "react";
import {
  type Purpose,
  permissionsFor,
  SIGN_IN_CLIENT,
} from "../../../server/microsoft/entra/sign-in-client.ts";
import { CopyValue } from "./parts.tsx";
import { t } from "./translate.ts";

export function Rights({ purpose }: { purpose: Purpose }): React.ReactElement {
  return (
    <div className="mc-rights" data-rights={purpose}>
      <p>{t("rights.client", { client: SIGN_IN_CLIENT.name })}</p>
      <CopyValue what={t("rights.clientId")} value={SIGN_IN_CLIENT.id} />
      <div className="mc-scroll">
        <table className="mc-table">
          <thead>
            <tr>
              <th scope="col">{t("rights.right")}</th>
              <th scope="col">{t("rights.why")}</th>
            </tr>
          </thead>
          <tbody>
            {permissionsFor[purpose].map((right) => (
              <tr key={right}>
                <th scope="row">
                  <code>{right}</code>
                </th>
                <td>{t(`rights.why.${right}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>{t(`rights.who.${purpose}`)}</p>
      <p>{t("rights.stays")}</p>
      <p>{t("rights.remove", { client: SIGN_IN_CLIENT.name })}</p>
      <p>{t(`rights.less.${purpose}`)}</p>
    </div>
  );
}
