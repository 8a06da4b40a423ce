/** Names of cards and dialogs. They are part of existing posts and forms, so do not change them. */

/** Every card that shows an event. */
export const EVENT_CARD = "calendar.event";
/** A choice of one of several events or times. */
export const CHOICE_CARD = "calendar.choice";
export const ANSWER_DIALOG = "calendar.answer";
export const CREATE_DIALOG = "calendar.create";
