import type { SealProfile } from '@/api/sealProfiles';
import type { BadgeTone } from '@/ui/StateBadge';

const SOON_MS = 30 * 86_400_000;

export type Expiry = 'early' | 'valid' | 'soon' | 'expired';

export const EXPIRY_TONES: Record<Expiry, BadgeTone> = {
  early: 'waiting',
  valid: 'good',
  soon: 'warning',
  expired: 'bad',
};

/** Whether a certificate holds now, and for how long. */
export function expiryOf({ notBefore, notAfter }: Pick<SealProfile, 'notBefore' | 'notAfter'>, now: number): Expiry {
  const left = new Date(notAfter).getTime() - now;
  if (left < 0) return 'expired';
  if (new Date(notBefore).getTime() > now) return 'early';
  return left <= SOON_MS ? 'soon' : 'valid';
}
