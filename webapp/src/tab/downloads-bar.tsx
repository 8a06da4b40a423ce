/** A bar above Mattermost with the files being saved: it covers nothing, and each line can be removed. */

import React from "react";
import { createRoot } from "react-dom/client";
import { createDownloads, type Download, type Downloads, type DownloadsPorts } from "./downloads.ts";
import type { Words } from "./words.ts";

export function startDownloads(
  ports: Pick<DownloadsPorts, "pluginPath" | "fetch" | "cookies">,
  words: () => Words,
): Downloads {
  const place = document.createElement("div");
  document.body.prepend(place);
  const screen = createRoot(place);
  const downloads = createDownloads({
    ...ports,
    changed: (all) =>
      screen.render(<Bar all={all} words={words()} remove={downloads.remove} retry={downloads.retry} />),
    press(href, name) {
      const link = document.createElement("a");
      link.href = href;
      link.download = name;
      document.body.append(link);
      link.click();
      link.remove();
    },
    later: (ms, then) => void setTimeout(then, ms),
  });
  return downloads;
}

interface BarProps extends Pick<Downloads, "remove" | "retry"> {
  readonly all: readonly Download[];
  readonly words: Words;
}

function Bar({ all, words, remove, retry }: BarProps): React.JSX.Element | null {
  if (all.length === 0) return null;
  return (
    <section className="downloads" aria-label={words.downloads}>
      {all.map((download) => {
        const { key, name, state, progress } = download;
        const end = state === "running" ? words.cancel : words.close;
        return (
          <div key={key} className="bar" data-state={state} data-problem={download.problem}>
            {/* The file name comes from outside, so it keeps its own text direction inside the sentence. */}
            <span role={state === "failed" ? "alert" : "status"}>
              <bdi>{name}</bdi> {saying(download, words)}
            </span>
            {state === "running" && (
              <progress aria-label={name} {...(progress !== null && { value: progress })} />
            )}
            {state === "failed" && (
              <button type="button" className="way" onClick={() => retry(key)}>
                {words.retry}
              </button>
            )}
            <button type="button" className="way" aria-label={`${end}: ${name}`} onClick={() => remove(key)}>
              {end}
            </button>
          </div>
        );
      })}
    </section>
  );
}

function saying({ state, problem }: Download, words: Words): string {
  if (state === "failed") return words[`download_${problem ?? "network"}`];
  return words[`download_${state}`];
}
