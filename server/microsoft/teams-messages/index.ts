/**
 * Converts messages between Teams and Mattermost. docs/messages.md lists the conversions, and what is lost. Load it
 * with `import()`: a static import would add 120 KB of bytecode to the bundle (docs/decisions, 1).
 */

export { type HostedContent, hostedContentPath, webAddress } from "./addresses.ts";
export type { FileReference } from "./attachments.ts";
export { OWN_MARK } from "./own-mark.ts";
export type { MentionEntry, TeamsNames } from "./print-html.ts";
export { type SentFile, sentFile } from "./sent-file.ts";
export type { TeamsMessage } from "./teams-message.ts";
export {
  type Author,
  codeSnippets,
  type Dropped,
  MAX_RUNES,
  type TeamsPost,
  type ToMarkdownOptions,
  toMarkdown,
} from "./to-markdown.ts";
export {
  MAX_BYTES,
  type MattermostPost,
  type TeamsDraft,
  type TeamsMessages,
  type ToTeamsOptions,
  toTeams,
} from "./to-teams.ts";
