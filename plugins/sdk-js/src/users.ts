// Users of the API: people with an account at the site, whom a plugin can invite. User and mail join the open transaction.

import * as raw from "cairn:plugin/users@0.1.0";
import { ask } from "./error.js";
import { maybeText, text } from "./lower.js";

/**
 * What became of an invitation: `created` a user with a mail on its way; `sent-again` to one without a password or a verified address;
 * `already-sent` within the same minute; `has-password` or `blocked`, and nothing was sent.
 */
export type InvitationOutcome = raw.InvitationOutcome;

/** What an invitation can say besides the address. */
export interface InvitationOptions {
  /** The user name of a new user, by which mails greet them; without one it is their address. */
  name?: string | null;
  /** The type of the role of a new user, which has to be granted; without one it is the role that the site gives new users. */
  role?: string | null;
  /** The language of the mail, as `nl`, if the user has none of their own; without one it is the site's. */
  language?: string | null;
}

/** A user, and what became of their invitation. */
export interface Invited {
  user: string;
  outcome: InvitationOutcome;
}

/**
 * Invites the person with an address, who chooses their first password by a link that is mailed to them. It may be repeated: an address is
 * one user, who gets at most one mail within a minute, and none once they have a password.
 */
export function invite(email: string, options: InvitationOptions = {}): Invited {
  const invitation = {
    email: text(email, "email"),
    name: maybeText(options.name, "name"),
    role: maybeText(options.role, "role"),
    language: maybeText(options.language, "language"),
  };
  return ask(() => raw.invite(invitation));
}
