/** An invisible mark that is appended to every message we send, so that we recognise it when Graph reports it. */
export const OWN_MARK = '<abbr title="generated-from-mattermost"></abbr>';
export const MARK_TITLE = "generated-from-mattermost";
