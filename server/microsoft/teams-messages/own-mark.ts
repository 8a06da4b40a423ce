/** The sender appends this to what it sends, so that it is recognised when it comes back. It shows nothing. */
export const OWN_MARK = '<abbr title="generated-from-mattermost"></abbr>';
export const MARK_TITLE = "generated-from-mattermost";
