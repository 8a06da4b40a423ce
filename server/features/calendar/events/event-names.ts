/** Names of cards and dialogs: part of posts and forms that are out there. */

/** Every card that shows an event. */
export const EVENT_CARD = "calendar.event";
/** One of several events or times. */
export const CHOICE_CARD = "calendar.choice";
export const ANSWER_DIALOG = "calendar.answer";
export const CREATE_DIALOG = "calendar.create";
