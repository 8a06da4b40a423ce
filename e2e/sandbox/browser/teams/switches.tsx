import React from "react";
import type { Look } from "./app-frame.tsx";
import type { Oddities } from "./host.ts";

interface Props {
  readonly look: Look;
  setLook(look: Look): void;
  readonly oddities: Oddities;
  setOddities(oddities: Oddities): void;
}

/** The properties of the host that a tester can change. */
export function Switches({ look, setLook, oddities, setOddities }: Props) {
  const flag = (name: "silent" | "twice" | "tokenHangs", label: string) => (
    <label>
      <input
        type="checkbox"
        checked={oddities[name]}
        onChange={(event) => setOddities({ ...oddities, [name]: event.target.checked })}
      />
      {label}
    </label>
  );
  const choice = <K extends keyof Look>(name: K, label: string, values: readonly Look[K][]) => (
    <label>
      {label}
      <select
        value={look[name]}
        onChange={(event) => setLook({ ...look, [name]: event.target.value as Look[K] })}
      >
        {values.map((value) => (
          <option key={value}>{value}</option>
        ))}
      </select>
    </label>
  );
  return (
    <aside className="switches" aria-label="Host settings">
      <h2>Host settings</h2>
      {choice("host", "Looks like", ["Teams", "Outlook", "Office"])}
      {choice("theme", "Theme", ["default", "dark", "contrast"])}
      {choice("locale", "Language", ["en-us", "de-de", "fr-fr", "es-es", "ja-jp", "ar-sa", "he-il"])}
      <h3>Odd behaviour</h3>
      {flag("silent", "Never answers the app")}
      {flag("twice", "Answers everything twice")}
      {flag("tokenHangs", "Never gives a token")}
      <label>
        Token takes (ms)
        <input
          type="number"
          min="0"
          step="500"
          value={oddities.tokenDelay}
          onChange={(event) => setOddities({ ...oddities, tokenDelay: Number(event.target.value) })}
        />
      </label>
      <p className="quiet">
        Odd behaviour counts from the next message on; open the app again to see it from the start.
      </p>
    </aside>
  );
}
