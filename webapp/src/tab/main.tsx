/** The page that Teams loads: the shell of Mattermost, a window of it, or the page after a sign-in elsewhere. */

import React from "react";
import { createRoot } from "react-dom/client";
import { readPageConfig } from "./page-config.ts";
import { PopupPage } from "./popup-page.tsx";
import { startShell } from "./start-shell.tsx";
import { WindowPage } from "./window-page.tsx";
import { languageOf, wordsIn } from "./words.ts";

const config = readPageConfig(document);
const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
const { page } = document.documentElement.dataset;
if (page === "popup" || page === "window") {
  const words = wordsIn(languageOf(document.documentElement.lang));
  createRoot(root).render(
    page === "popup" ? (
      <PopupPage config={config} words={words} />
    ) : (
      <WindowPage config={config} words={words} />
    ),
  );
} else {
  startShell(config, root, page === "configure" ? "configure" : "mattermost");
}
