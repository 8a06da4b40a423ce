import React, { useState } from "react";
import type { WireEntry } from "./control.ts";

const wires = [
  ["hook", "Hooks", "server → plugin"],
  ["api", "Plugin API", "plugin → server"],
  ["entra", "Entra", "keys and tokens"],
  ["graph", "Graph", "activities, catalog"],
  ["teams", "Teams", "host"],
  ["process", "Process", "start and end"],
] as const;

/** Background calls that are left out, because they would hide the calls of the story. */
const quiet = /^(kvGet|kvList|kvSetWithOptions|kvCompareAndDelete|logDebug)$/;

export function Log({ entries }: { entries: readonly WireEntry[] }) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [everything, setEverything] = useState(false);
  const shown = entries.filter((each) => !hidden.has(each.wire) && (everything || !quiet.test(each.what)));
  const toggle = (wire: string) => {
    const next = new Set(hidden);
    if (!next.delete(wire)) next.add(wire);
    setHidden(next);
  };
  return (
    <aside className="drawer" aria-label="What went over the wires">
      <header>
        {wires.map(([wire, name, hint]) => (
          <button
            key={wire}
            type="button"
            className="chip"
            data-wire={wire}
            aria-pressed={!hidden.has(wire)}
            title={hint}
            onClick={() => toggle(wire)}
          >
            {name}
          </button>
        ))}
        <label>
          <input
            type="checkbox"
            checked={everything}
            onChange={(event) => setEverything(event.target.checked)}
          />
          Key-value store too
        </label>
      </header>
      <ol className="log">
        {[...shown]
          .reverse()
          .slice(0, 250)
          .map((each) => (
            <li key={each.id} data-ok={each.ok}>
              <time>{new Date(each.at).toLocaleTimeString("en-GB")}</time>
              <b data-wire={each.wire}>{each.wire}</b>
              <code>{each.what}</code>
              <span>{each.detail}</span>
              <small>
                {each.took === undefined
                  ? ""
                  : `${each.took < 10 ? each.took.toFixed(1) : Math.round(each.took)} ms`}
              </small>
            </li>
          ))}
      </ol>
    </aside>
  );
}
