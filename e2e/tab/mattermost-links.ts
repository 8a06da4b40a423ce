/**
 * Links of the web app that leave its frame: files in each form, pop-outs, links with `target=_blank`. The browser
 * sends such a request as a top-level one, without the cookies of the frame, and the stand-in then answers like the
 * server: 401, or the login page.
 */

/** Ids of files, by kind. */
export const FILES = {
  small: "s".repeat(26),
  large: "l".repeat(26),
  /** The person may not read it (any more). */
  refused: "r".repeat(26),
  /** The server breaks off in the middle. */
  broken: "b".repeat(26),
} as const;

export const SMALL_TEXT = "Tide gauge reads 1.9 m\n";
export const LARGE_SIZE = 33 * 1024 * 1024;
export const FILE_NAME = "Gezeiten & Pegel 2026.txt";

export const linksScript = `
const files = ${JSON.stringify(FILES)};
const fileUrl = (id) => subpath + "/api/v4/files/" + id;
const drawLinks = () => {
  const place = document.createElement("section");
  const add = (id, tag, fields, click) => {
    const element = Object.assign(document.createElement(tag), fields, { id });
    element.textContent = id;
    if (click) element.onclick = click;
    place.append(element, " ");
    return element;
  };
  // The attachment of a post, the button of its preview, and a file among search results.
  add("file-attribute", "a", { href: fileUrl(files.small) + "?download=1", download: "attached.txt" });
  add("file-query", "a", { href: fileUrl(files.small) + "?download=1", target: "_blank", rel: "noopener" });
  add("file-link", "a", { href: fileUrl(files.small), target: "_blank", rel: "noopener" });
  add("file-stopped", "a", { href: fileUrl(files.small), download: "", onclick: (e) => e.stopPropagation() });
  add("file-script", "button", {}, () =>
    Object.assign(document.createElement("a"), { href: fileUrl(files.small), download: "made.txt" }).click());
  add("file-opened", "button", {}, () => window.open(fileUrl(files.small) + "?download=1"));
  add("file-assigned", "button", {}, () => location.assign(fileUrl(files.small) + "?download=1"));
  add("file-blob", "a", { href: URL.createObjectURL(new Blob(["made here"])), download: "blob.txt" });
  add("file-large", "a", { href: fileUrl(files.large), download: "" });
  add("file-refused", "a", { href: fileUrl(files.refused), download: "secret.txt" });
  add("file-broken", "a", { href: fileUrl(files.broken), download: "half.txt" });
  // Pop-outs talk to their opener; links in posts navigate inside the app if they can.
  add("pop-out", "button", {}, () => {
    window.popout = window.open(subpath + "/_popout/thread/team/x", "_blank", "popup=true,width=800,height=600");
  });
  add("page-blank", "a", { href: subpath + "/team/channels/off-topic", target: "_blank", rel: "noopener noreferrer" });
  add("page-plain", "a", { href: subpath + "/team/channels/planning" });
  add("page-inside", "a", { href: subpath + "/team/pl/x", target: "_blank" }, (event) => {
    event.preventDefault();
    push("/team/pl/x");
  });
  add("external", "a", { href: "http://127.0.0.1:9/elsewhere", target: "_blank", rel: "noopener" });
  root.append(place);
};
addEventListener("message", (event) => {
  if (event.data && event.data.popout) window.popout = event.data.popout;
});
if (location.pathname.startsWith(subpath + "/_popout/") && window.opener)
  window.opener.postMessage({ popout: location.pathname }, location.origin);
`;
