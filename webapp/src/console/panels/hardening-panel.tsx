/**
 * The hardening profile: what it would change and why, and a button that fills in the fields. The admin still has to
 * save.
 */

import * as React from "react";
import { hardening } from "../../../../server/platform/settings/hardening.ts";
import { lockedBy } from "../access.ts";
import { Box } from "../box.tsx";
import { labelOf, valueLabel } from "../fields.tsx";
import { liveValue, setValue, useLive } from "../live.ts";
import { ActionButton } from "../parts.tsx";
import { t } from "../translate.ts";

export function HardeningPanel(): React.ReactElement {
  useLive();
  const open = hardening.filter(({ setting, isEnough }) => !isEnough(liveValue(setting)));
  const changeable = open.filter(({ setting }) => lockedBy(setting) === null);
  const apply = () => {
    for (const { setting, value } of changeable) setValue(setting, value);
  };
  return (
    <Box title={t("harden.title")} part="hardening">
      <p>{t("harden.lead")}</p>
      <div className="mc-scroll">
        <table className="mc-table">
          <thead>
            <tr>
              <th scope="col">{t("harden.setting")}</th>
              <th scope="col">{t("harden.value")}</th>
              <th scope="col">{t("harden.reason")}</th>
              <th scope="col">{t("harden.cost")}</th>
            </tr>
          </thead>
          <tbody>
            {hardening.map(({ setting, value, isEnough }) => (
              <tr key={setting} data-hardened={setting}>
                <th scope="row">{labelOf(setting)}</th>
                <td>
                  {isEnough(liveValue(setting)) ? "✓ " : ""}
                  {valueLabel(setting, value)}
                </td>
                <td>{t(`harden.why.${setting}`)}</td>
                <td>{t(`harden.cost.${setting}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ActionButton disabled={changeable.length === 0} onClick={apply}>
        {t("harden.apply")}
      </ActionButton>
      <p role="status">{open.length === 0 ? t("harden.done") : ""}</p>
      {open.length > changeable.length && <p className="mc-hint">{t("harden.locked")}</p>}
    </Box>
  );
}
