// Mail and notices in the admin. They join the open transaction and leave after the commit.

import * as raw from "cairn:plugin/mail@0.1.0";
import { PluginError, ask } from "./error.js";
import { type Pairs, json, list, maybeText, pairs, text, texts } from "./lower.js";
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
  /** Ids of files. */
  attachments?: string[];
  headers?: Pairs;
  /** Texts of it that only who gets it reads, such as the token of a link that is good once: `•••` for everybody else. */
  secrets?: string[];
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
  const ready = list(messages, "messages", (message, where) => ({
    key: text(message.key, `${where}.key`),
    to: texts(typeof message.to === "string" ? [message.to] : message.to, `${where}.to`),
    cc: texts(message.cc, `${where}.cc`),
    bcc: texts(message.bcc, `${where}.bcc`),
    replyTo: maybeText(message.replyTo, `${where}.replyTo`),
    template: templateOf(message.template, `${where}.template`),
    model: json(message.model ?? {}, `${where}.model`),
    locale: text(message.locale, `${where}.locale`),
    attachments: texts(message.attachments, `${where}.attachments`),
    headers: pairs(message.headers, `${where}.headers`),
  }));
  if (ready.length === 0) {
    return [];
  }
  const secrets = list(messages, "messages", (message, where) => texts(message.secrets, `${where}.secrets`));
  if (secrets.every((some) => some.length === 0)) {
    return ask(() => raw.send(ready));
  }
  return ask(() => raw.sendConfidential(ready.map((message, at) => ({ message, secrets: secrets[at] ?? [] }))));
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
