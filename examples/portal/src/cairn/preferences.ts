import { type CairnApi, readIfPresent } from './api.ts';
import { encode } from './portal.ts';

export const TOPICS = ['production', 'documents', 'payments', 'service', 'surveys'] as const;
export type Topic = (typeof TOPICS)[number];

/** Which mails of the portal a customer wants, and when. */
export interface Preferences {
  language: string;
  channels: { email: boolean };
  topics: Record<Topic, boolean>;
  digest: 'off' | 'daily';
  quietHours: { from: string; to: string } | null;
  timeZone: string;
}

/** A purpose for which a customer gives consent, or not. */
export interface Consent {
  key: string;
  label: string;
  text: string;
  version: number;
  isGiven: boolean;
  /** When they said so; null while they have said neither. */
  at: string | null;
  source: ConsentSource | null;
}

export type ConsentSource = 'portal' | 'staff' | 'import';

/** A line of the ledger of consents: what was said, when and where. */
export interface ConsentRecord {
  key: string;
  version: number;
  isGiven: boolean;
  at: string;
  source: ConsentSource;
}

export interface Consents {
  purposes: Consent[];
  /** Newest first. */
  history: ConsentRecord[];
}

/** The preferences of whoever is signed in; `undefined` where the plugin has none. */
export async function findPreferences(api: CairnApi): Promise<Preferences | undefined> {
  return readIfPresent(() => api.get<Preferences>('/portal/me/preferences'));
}

/** Changes some preferences. Throws a `CairnError` (400) that names the fields that are wrong. */
export async function savePreferences(api: CairnApi, changes: Partial<Preferences>): Promise<void> {
  await api.put('/portal/me/preferences', changes);
}

/** Purposes of the tenant and what was said about them; `undefined` where the plugin has none. */
export async function findConsents(api: CairnApi): Promise<Consents | undefined> {
  return readIfPresent(async () => {
    const { data, ledger } = await api.get<{ data: Consent[]; ledger?: ConsentRecord[] }>('/portal/me/consents');
    return { purposes: data, history: ledger ?? [] };
  });
}

/** Gives or withdraws a consent. Throws a `CairnError`: 409 when its text has changed since. */
export async function saveConsent(api: CairnApi, key: string, isGiven: boolean, version: number) {
  await api.put(`/portal/me/consents/${encode(key)}`, { isGiven, version });
}
