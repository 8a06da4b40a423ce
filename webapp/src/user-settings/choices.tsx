/**
 * Which messages to be notified about, and what happens while the person is online; with titles that everybody can
 * see.
 */

import * as React from "react";
import { activityPreferences } from "../../../server/features/activity/members/preferences.ts";
import { type Reason as ActivityReason, reasons } from "../../../server/features/activity/rules/reasons.ts";
import { usePreference } from "./preference.ts";
import type { AdminDefaults } from "./settings.ts";
import type { Word, Words } from "./words.ts";

export interface ChoiceProps {
  readonly words: Words;
  /** A function of the web app: records a change for its Save button. */
  readonly informChange: (name: string, value: string) => void;
}

/** A title like the web app's own inside a section. */
export function Titled({
  title,
  children,
}: {
  title: string;
  children: React.ReactNode;
}): React.ReactElement {
  return (
    <fieldset style={{ margin: "20px 0 0", padding: 0, border: 0, minWidth: 0 }}>
      <legend
        style={{
          margin: "0 0 6px",
          border: 0,
          fontSize: 14,
          fontWeight: 600,
          color: "inherit",
          width: "auto",
        }}
      >
        {title}
      </legend>
      {children}
    </fieldset>
  );
}

const line = { display: "flex", gap: 8, alignItems: "baseline", margin: "0 0 6px", fontWeight: "normal" };

export function Reasons({ words, informChange }: ChoiceProps): React.ReactElement {
  return (
    <Titled title={words("reasons.title")}>
      {reasons.map((reason) => (
        <Reason key={reason} reason={reason} words={words} informChange={informChange} />
      ))}
    </Titled>
  );
}

function Reason({ reason, words, informChange }: ChoiceProps & { reason: ActivityReason }) {
  const { name } = activityPreferences.all[reason];
  const stored = usePreference(name);
  // The stored value may arrive, or change on another device, while the section is open.
  const [chosen, choose] = React.useState<boolean | null>(null);
  return (
    <label style={line}>
      <input
        type="checkbox"
        checked={chosen ?? stored !== "off"}
        onChange={(event) => {
          choose(event.target.checked);
          informChange(name, event.target.checked ? "on" : "off");
        }}
      />
      <span>{words(reason)}</span>
    </label>
  );
}

const WHILE_ONLINE = activityPreferences.all.onlyWhenAway.name;

export function WhileOnline({ words, informChange, admin }: ChoiceProps & { admin: AdminDefaults | null }) {
  const stored = usePreference(WHILE_ONLINE);
  const [chosen, choose] = React.useState<string | null>(null);
  const value = chosen ?? (stored || "default");
  const asDecided: Word =
    admin === null ? "away.default" : admin.onlyWhenAway ? "away.default.on" : "away.default.off";
  const options: readonly (readonly [string, Word])[] = [
    ["default", asDecided],
    ["off", "away.off"],
    ["on", "away.on"],
  ];
  return (
    <Titled title={words("away.title")}>
      {options.map(([option, word]) => (
        <label key={option} style={line}>
          <input
            type="radio"
            name={WHILE_ONLINE}
            checked={value === option}
            onChange={() => {
              choose(option);
              informChange(WHILE_ONLINE, option);
            }}
          />
          <span>{words(word)}</span>
        </label>
      ))}
    </Titled>
  );
}
