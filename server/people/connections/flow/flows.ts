/** The ways to connect, loaded when somebody connects; no start needs them. */

export { begin, complete } from "./code-flow.ts";
export { readMe } from "./directory-addresses.ts";
export { connectFromEarlier } from "./from-earlier.ts";
export { connectFromTab, refusalError } from "./from-tab.ts";
