// Subscribers: how they come in and how they are confirmed.

import { type Call, PluginError, data, i18n, mail, random, site, transaction } from "@cairn/plugin";

export const SUBSCRIBER = "plugin::newsletter.subscriber";

export interface Subscriber {
  documentId: string;
  email: string;
  language: string;
}

/** Bytes of a token: nobody guesses as many. */
const BYTES = 32;

/** Asks somebody whether they want it, unless they were asked before. Whether they were nobody is told. */
export function ask(call: Call, given: string, language: string): void {
  const email = given.trim().toLowerCase();
  if (!email.includes("@")) {
    throw PluginError.field("email", "email", i18n.translate("wrong.email", call.locale));
  }
  transaction(() => {
    if (data.find<Subscriber>(SUBSCRIBER).filter({ email: { $eq: email } }).first() !== undefined) {
      return;
    }
    const token = [...random.bytes(BYTES)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const id = data.create(SUBSCRIBER, { email, language, confirmed: false, token }).target.documentId;
    const link = `${site()?.url ?? ""}/api/newsletter/confirm/${token}`;
    mail.send({ key: `confirm/${id}`, to: email, template: "confirm", locale: language, model: { link } });
  });
}

/** Confirms whoever has this token, which is good for once. */
export function confirm(token: string): void {
  transaction(() => {
    const found = token.length === 2 * BYTES ? data.find<Subscriber>(SUBSCRIBER).filter({ token: { $eq: token } }).first() : undefined;
    if (found === undefined) {
      throw PluginError.notFound("");
    }
    data.update(SUBSCRIBER, found.documentId, { confirmed: true, token: "" });
  });
}
