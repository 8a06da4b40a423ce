/** What changes: its name, its value before and after. */

import * as React from "react";
import { t } from "../translate.ts";

export function ChangesTable({ children }: { readonly children: React.ReactNode }) {
  return (
    <div className="mc-scroll">
      <table className="mc-table">
        <thead>
          <tr>
            <th scope="col">{t("package.what")}</th>
            <th scope="col">{t("package.before")}</th>
            <th scope="col">{t("package.after")}</th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
