/**
 * Keeps the copies of a meeting in the fake Graph together: each guest of the organisation has one in their own
 * mailbox; all copies share one iCalUId.
 */

import { randomUUID } from "node:crypto";
import type { SentChange } from "./changes.ts";
import { eventIn, type Mailbox, type StoredEvent } from "./mailbox.ts";

type Json = Record<string, unknown>;

export interface SentAnswer {
  /** Object id. */
  readonly by: string;
  readonly eventId: string;
  readonly answer: "accepted" | "tentativelyAccepted" | "declined";
  readonly comment: string | null;
  readonly proposedNewTime: Json | null;
  readonly sent: boolean;
}

export interface MeetingPorts {
  readonly mailboxes: () => Iterable<Mailbox>;
  readonly byAddress: (address: string) => Mailbox | null;
  readonly announce: (
    box: Mailbox,
    event: StoredEvent,
    changeType: SentChange["changeType"],
  ) => Promise<void>;
  readonly now: () => number;
}

export class Meetings {
  readonly #ports: MeetingPorts;

  constructor(ports: MeetingPorts) {
    this.#ports = ports;
  }

  /** Stores a new meeting of the owner and puts a copy into the mailboxes of guests in the organisation. */
  arrange(box: Mailbox, event: StoredEvent): StoredEvent {
    const at = new Date(this.#ports.now()).toISOString();
    const made = { ...event, createdDateTime: at, lastModifiedDateTime: at };
    box.events.set(made.id, made);
    this.#tell(box, made, "created", "updated");
    for (const guest of this.#guestsOf(made)) {
      if (guest === box) continue;
      const copy: StoredEvent = {
        ...made,
        id: `AAMkA${randomUUID().replaceAll("-", "")}=`,
        isOrganizer: false,
        responseStatus: { response: "notResponded", time: "0001-01-01T00:00:00Z" },
        showAs: "tentative",
        transactionId: null,
        changeKey: randomUUID(),
      };
      guest.events.set(copy.id, copy);
      this.#tell(guest, copy, "created", "updated");
    }
    return made;
  }

  /** A change by the organiser reaches every copy; a guest's change stays in the guest's own copy. */
  change(box: Mailbox, event: StoredEvent, part: Json): StoredEvent {
    const copies = event.isOrganizer === true ? this.#copiesOf(event) : [{ box, event }];
    for (const copy of copies) this.#put(copy.box, { ...copy.event, ...part });
    return eventIn(box, event.id);
  }

  cancel(box: Mailbox, event: StoredEvent): void {
    for (const copy of this.#copiesOf(event)) {
      if (copy.box === box) this.removeCopy(box, copy.event);
      else
        this.#put(copy.box, {
          ...copy.event,
          isCancelled: true,
          subject: `Canceled: ${String(copy.event.subject)}`,
        });
    }
  }

  removeCopy(box: Mailbox, event: StoredEvent): void {
    box.events.delete(event.id);
    this.#tell(box, event, "deleted");
  }

  /** Declining deletes the guest's copy, as Outlook does by default. */
  takeAnswer(box: Mailbox, event: StoredEvent, response: SentAnswer["answer"]): void {
    const time = new Date(this.#ports.now()).toISOString();
    if (response === "declined") this.removeCopy(box, event);
    else this.#put(box, { ...event, responseStatus: { response, time }, showAs: "busy" });
    const address = box.owner.mail?.toLowerCase();
    for (const copy of this.#copiesOf(event)) {
      if (copy.event.isOrganizer !== true) continue;
      const attendees = (copy.event.attendees as Json[]).map((one) =>
        String((one.emailAddress as Json).address).toLowerCase() === address
          ? { ...one, status: { response, time } }
          : one,
      );
      this.#put(copy.box, { ...copy.event, attendees });
    }
  }

  #guestsOf(event: StoredEvent): Mailbox[] {
    return (event.attendees as Json[]).flatMap(
      (one) => this.#ports.byAddress(String((one.emailAddress as Json).address)) ?? [],
    );
  }

  #copiesOf(event: StoredEvent): { box: Mailbox; event: StoredEvent }[] {
    return [...this.#ports.mailboxes()].flatMap((box) =>
      [...box.events.values()]
        .filter((one) => one.iCalUId === event.iCalUId)
        .map((one) => ({ box, event: one })),
    );
  }

  #put(box: Mailbox, event: StoredEvent): void {
    const lastModifiedDateTime = new Date(this.#ports.now()).toISOString();
    const next = { ...event, changeKey: randomUUID(), lastModifiedDateTime };
    box.events.set(event.id, next);
    this.#tell(box, next, "updated");
  }

  /** Graph does not wait for the subscribers. */
  #tell(box: Mailbox, event: StoredEvent, ...changes: readonly SentChange["changeType"][]): void {
    void changes.reduce(
      (before, change) => before.then(() => this.#ports.announce(box, event, change)),
      Promise.resolve(),
    );
  }
}
