/** "No activity between 22:00 and 07:00": the one setting that radio buttons cannot express. */

import * as React from "react";
import { activityPreferences } from "../../../server/features/activity/members/preferences.ts";
import { type ChoiceProps, Titled } from "./choices.tsx";
import { usePreference } from "./preference.ts";

const NAME = activityPreferences.all.quiet.name;
const SPAN = /^(\d\d:\d\d)-(\d\d:\d\d)$/;
const USUAL = { from: "22:00", to: "07:00" };

interface Span {
  readonly on: boolean;
  readonly from: string;
  readonly to: string;
}

export function QuietHours({ words, informChange }: ChoiceProps) {
  const stored = usePreference(NAME);
  const span = SPAN.exec(stored);
  // The stored value may arrive, or change on another device, while the section is open.
  const [chosen, choose] = React.useState<Span | null>(null);
  const { on, from, to } = chosen ?? {
    on: span !== null,
    from: span?.[1] ?? USUAL.from,
    to: span?.[2] ?? USUAL.to,
  };

  const change = (next: Partial<Span>) => {
    const all = { on, from, to, ...next };
    choose(all);
    // An empty value would not be stored; the command also writes "off".
    informChange(NAME, all.on && all.from !== "" && all.to !== "" ? `${all.from}-${all.to}` : "off");
  };

  return (
    <Titled title={words("quiet.title")}>
      <div style={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 8 }}>
        <label style={{ display: "flex", alignItems: "center", gap: 8, margin: 0, fontWeight: "normal" }}>
          <input type="checkbox" checked={on} onChange={(event) => change({ on: event.target.checked })} />
          {words("quiet.use")}
        </label>
        <input
          type="time"
          aria-label={words("quiet.from")}
          className="form-control"
          style={{ width: "auto" }}
          disabled={!on}
          value={from}
          onChange={(event) => change({ from: event.target.value })}
        />
        {words("quiet.and")}
        <input
          type="time"
          aria-label={words("quiet.to")}
          className="form-control"
          style={{ width: "auto" }}
          disabled={!on}
          value={to}
          onChange={(event) => change({ to: event.target.value })}
        />
      </div>
      <div style={{ marginTop: 6 }}>{words("quiet.help")}</div>
    </Titled>
  );
}
