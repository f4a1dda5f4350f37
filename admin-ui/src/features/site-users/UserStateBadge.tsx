import { useTranslation } from 'react-i18next';
import type { ContentUserState } from '@/api/contentUsers';
import { type BadgeTone, StateBadge } from '@/ui/StateBadge';

const TONES: Record<ContentUserState, BadgeTone> = {
  active: 'good',
  invited: 'waiting',
  unconfirmed: 'warning',
  blocked: 'off',
};

/** Whether a user can sign in, and why not. */
export function UserStateBadge({ state }: { state: ContentUserState }) {
  const { t } = useTranslation('siteUsers');
  return <StateBadge tone={TONES[state]}>{t(`state.${state}`)}</StateBadge>;
}
