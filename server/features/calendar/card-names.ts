/** Names of the cards whose buttons the calendar handles. */

export const DAY_CARD = "calendar.day";
export const PANEL_CARD = "calendar.settings";
export const WELCOME_CARD = "calendar.welcome";
export const DISCONNECT_CARD = "calendar.disconnect";
export const dayCards = [DAY_CARD, PANEL_CARD, WELCOME_CARD, DISCONNECT_CARD] as const;
