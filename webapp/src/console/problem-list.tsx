/** Lists what is wrong, setting by setting, with a link to each. */

import * as React from "react";
import type { Problem } from "./api.ts";
import { labelOf } from "./fields.tsx";
import { goToSetting } from "./navigation.ts";
import { LinkButton } from "./parts.tsx";

export function ProblemList({ problems }: { problems: readonly Problem[] }): React.ReactElement {
  return (
    <ul className="mc-problems">
      {problems.map(({ setting, says }) => (
        <li key={`${setting} ${says}`}>
          <LinkButton onClick={() => goToSetting(setting)}>{labelOf(setting)}</LinkButton> {says}
        </li>
      ))}
    </ul>
  );
}
