// Mail and notices in the admin. They join the open transaction and leave after the commit.

import * as raw from "cairn:plugin/mail@0.1.0";
import { PluginError, ask } from "./error.js";
import {
  type Pairs,
  type Time,
  instant,
  json,
  list,
  maybeInstant,
  maybeText,
  pairs,
  small,
  text,
  texts,
  word,
} from "./lower.js";
import { type Template, templateOf } from "./template.js";

/** A mail. */
export interface Message {
  /** Names it: a key used before is not sent again, so that what is repeated mails once. */
  key: string;
  to: string | string[];
  cc?: string[];
  bcc?: string[];
  replyTo?: string;
  template: Template;
  /** The values that the template names. */
  model?: unknown;
  locale: string;
  /** Ids of files that the plugin may see. */
  attachments?: string[];
  headers?: Pairs;
  /** Texts of it that only who gets it reads, such as the token of a link that is good once: `•••` for everybody else. */
  secrets?: string[];
}

/** When an event is: from one moment to another, whose end may not be known; or whole days, as `2027-03-01`. */
export type EventTime = { start: Time; end?: Time } | { firstDay: string; lastDay: string };

/** An event for the calendars of those who get the mail. */
export interface Invitation {
  /** Names the event for good, in every change and in its cancellation, such as `4f1c2e@bookings.example.org`. */
  uid: string;
  /** The number of the change, greater each time; calendars ignore what is older than what they have. 0 where nothing is said. */
  sequence?: number;
  /** `request` adds or changes the event, and is meant where nothing is said; `cancel` takes it away. */
  method?: "request" | "cancel";
  time: EventTime;
  /** The title: one line. */
  summary: string;
  /** With line breaks. */
  description?: string;
  /** One line. */
  location?: string;
}

/** A mail with an event, which mail programs put into calendars, change or take away. */
export interface InvitationMessage extends Omit<Message, "key"> {
  /** The same uid, sequence and method are not sent to the same address again. */
  invitation: Invitation;
}

/** A notice in the admin's inbox. */
export interface Notice {
  key: string;
  /** User ids or `role:<name>`. */
  to: string[];
  title: string;
  text: string;
  /** A path of the admin. */
  link?: string;
}

/** Sends a mail, and returns the id that `cairn.mail.*` events tell of. */
export function send(message: Message): string {
  const [id] = sendAll([message]);
  if (id === undefined) {
    throw new PluginError({ tag: "internal", val: "a mail without an id" });
  }
  return id;
}

/** Sends mails in one call, and returns their ids. */
export function sendAll(messages: Message[]): string[] {
  const ready = list(messages, "messages", (message, where) => lowered(message, message.key, where));
  if (ready.length === 0) {
    return [];
  }
  const secrets = list(messages, "messages", (message, where) => texts(message.secrets, `${where}.secrets`));
  if (secrets.every((some) => some.length === 0)) {
    return ask(() => raw.send(ready));
  }
  return ask(() => raw.sendConfidential(ready.map((message, at) => ({ message, secrets: secrets[at] ?? [] }))));
}

/** Sends a mail with an event, and returns the id that `cairn.mail.*` events tell of. */
export function sendInvitation(message: InvitationMessage): string {
  const { invitation, secrets } = message;
  const where = "invitation";
  const ready = {
    message: lowered(message, "", "message"),
    invitation: {
      uid: text(invitation.uid, `${where}.uid`),
      sequence: small(invitation.sequence ?? 0, `${where}.sequence`),
      method: word(invitation.method ?? "request", `${where}.method`, ["request", "cancel"]),
      time: eventTime(invitation.time, `${where}.time`),
      summary: text(invitation.summary, `${where}.summary`),
      description: maybeText(invitation.description, `${where}.description`),
      location: maybeText(invitation.location, `${where}.location`),
    },
    secrets: texts(secrets, "secrets"),
  };
  const [id] = ask(() => raw.sendInvitations([ready]));
  if (id === undefined) {
    throw new PluginError({ tag: "internal", val: "a mail without an id" });
  }
  return id;
}

function eventTime(time: EventTime, where: string): raw.EventTime {
  if ("firstDay" in time) {
    const days = { firstDay: text(time.firstDay, `${where}.firstDay`), lastDay: text(time.lastDay, `${where}.lastDay`) };
    return { tag: "all-day", val: days };
  }
  const span = { start: instant(time.start, `${where}.start`), end: maybeInstant(time.end, `${where}.end`) };
  return { tag: "timed", val: span };
}

function lowered(message: Omit<Message, "key">, key: string, where: string): raw.Message {
  return {
    key: text(key, `${where}.key`),
    to: texts(typeof message.to === "string" ? [message.to] : message.to, `${where}.to`),
    cc: texts(message.cc, `${where}.cc`),
    bcc: texts(message.bcc, `${where}.bcc`),
    replyTo: maybeText(message.replyTo, `${where}.replyTo`),
    template: templateOf(message.template, `${where}.template`),
    model: json(message.model ?? {}, `${where}.model`),
    locale: text(message.locale, `${where}.locale`),
    attachments: texts(message.attachments, `${where}.attachments`),
    headers: pairs(message.headers, `${where}.headers`),
  };
}

/** Puts notices into the admin's inbox. */
export function notify(...notices: Notice[]): void {
  const ready = list(notices, "notices", (notice, where) => ({
    key: text(notice.key, `${where}.key`),
    to: texts(notice.to, `${where}.to`),
    title: text(notice.title, `${where}.title`),
    text: text(notice.text, `${where}.text`),
    link: maybeText(notice.link, `${where}.link`),
  }));
  ask(() => raw.notify(ready));
}
