import { MAIL_STATES } from '@/api/mail';
import { defineAddress } from '@/app/address';
import { readNumber, readOneOf, readText } from '@/app/searchParams';

/** All webhooks. */
export const webhooksAddress = defineAddress({ path: '/settings/webhooks' });

/** A webhook that is not there yet. `new` is no number: it hides none of them. */
export const newWebhookAddress = defineAddress({ path: '/settings/webhooks/new' });

/** One webhook, and its deliveries. */
export const webhookAddress = defineAddress({
  path: '/settings/webhooks/$id',
  search: (raw) => ({
    tab: readOneOf(raw.tab, ['settings', 'deliveries']),
    ok: typeof raw.ok === 'boolean' ? raw.ok : undefined,
    attempt: readNumber(raw.attempt),
  }),
});

/** The tabs of the mail page. */
export const MAIL_TABS = ['status', 'templates', 'sent', 'suppressed'] as const;

/** Mail: its state, templates, and what was sent. */
export const mailAddress = defineAddress({
  path: '/settings/mail',
  search: (raw) => ({
    tab: readOneOf(raw.tab, MAIL_TABS),
    state: readOneOf(raw.state, MAIL_STATES),
    to: readText(raw.to),
    mail: readNumber(raw.mail),
  }),
});

/** The template of a mail in a language. */
export const templateAddress = defineAddress({ path: '/settings/mail/templates/$name/$locale' });

/** Choices of what one is told of; for everybody. */
export const notificationsAddress = defineAddress({ path: '/settings/notifications' });

/** All workflows. */
export const workflowsAddress = defineAddress({ path: '/settings/workflows' });

/** A workflow that is not there yet. Not below `/settings/workflows`, where any word may be the name of one. */
export const newWorkflowAddress = defineAddress({ path: '/settings/new-workflow' });

/** One workflow. */
export const workflowAddress = defineAddress({ path: '/settings/workflows/$name' });

/** The languages of the content. */
export const localesAddress = defineAddress({ path: '/settings/locales' });

/** The words of the site in each language; to be read by everybody, changed by some. */
export const glossaryAddress = defineAddress({ path: '/settings/glossary' });

/** The tabs of the owners' page. */
export const OWNER_TABS = ['owners', 'escalated'] as const;

/** Owners, who answer for content; to be read by everybody, changed by some. */
export const ownersAddress = defineAddress({
  path: '/settings/owners',
  search: (raw) => ({ tab: readOneOf(raw.tab, OWNER_TABS) }),
});

/** A rule of owners that is not there yet. `new` is no number: it hides none of them. */
export const newOwnerAddress = defineAddress({ path: '/settings/owners/new' });

/** One rule of owners. */
export const ownerAddress = defineAddress({ path: '/settings/owners/$id' });

/** All calendars of working time; to be read by everybody, changed by some. */
export const workingCalendarsAddress = defineAddress({ path: '/settings/working-calendars' });

/** A calendar that is not there yet. Not below `/settings/working-calendars`, where any word may be the name of one. */
export const newWorkingCalendarAddress = defineAddress({ path: '/settings/new-working-calendar' });

/** One calendar of working time. */
export const workingCalendarAddress = defineAddress({ path: '/settings/working-calendars/$name' });

/** The ways to sign in. */
export const signInSettingsAddress = defineAddress({ path: '/settings/sign-in' });

/** The sender of mails. */
export const senderAddress = defineAddress({ path: '/settings/mail-sender' });

/** The look of the admin UI. */
export const appearanceAddress = defineAddress({ path: '/settings/appearance' });

/** Data that is stored about one person. */
export const personalDataAddress = defineAddress({ path: '/settings/personal-data' });

/** Keys and certificates that plugins seal with. */
export const sealsAddress = defineAddress({ path: '/settings/seals' });

/** All of the site as it was, and the way back to it. */
export const backupsAddress = defineAddress({ path: '/settings/backups' });

/** The health of the server. */
export const healthAddress = defineAddress({ path: '/settings/health' });

/** The tenants of the server. */
export const tenantsAddress = defineAddress({ path: '/settings/tenants' });

/** The report of the import from Strapi that the project began with. */
export const strapiImportAddress = defineAddress({ path: '/settings/strapi-import' });
