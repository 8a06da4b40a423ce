import React, { useState } from "react";
import { install, type TeamsApp, upload } from "./state.ts";

/** The organisation's catalog, and the upload of a package as in the Teams admin center. */
export function Store({ apps, onOpen }: { apps: readonly TeamsApp[]; onOpen(app: TeamsApp): void }) {
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <section className="store" aria-label="Apps">
      <h1>Apps</h1>
      <p className="quiet">Built for your organisation</p>
      <label className="upload">
        Upload an app package
        <input
          type="file"
          accept=".zip,application/zip"
          onChange={async (event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file) setProblem(await upload(file));
          }}
        />
      </label>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {apps.length === 0 && (
        <p className="quiet empty">
          The catalog is empty. Download the app package in Mattermost’s System Console and upload it here.
        </p>
      )}
      <ul className="cards">
        {apps.map((app) => (
          <li key={app.id} className="card">
            <img src={app.icon} alt="" width="48" height="48" />
            <div>
              <strong>{app.displayName}</strong>
              <p className="quiet">{app.description}</p>
              <small className="quiet">Version {app.version}</small>
            </div>
            {app.installed ? (
              <span className="row">
                <button type="button" className="primary" onClick={() => onOpen(app)}>
                  Open
                </button>
                <button type="button" onClick={() => install(app.id, false)}>
                  Remove
                </button>
              </span>
            ) : (
              <button type="button" className="primary" onClick={() => install(app.id, true)}>
                Add
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
