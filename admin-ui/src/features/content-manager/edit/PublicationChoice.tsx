import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** What is planned for an entry. */
type PublicationAction = 'publish' | 'unpublish';

interface Props {
  value: PublicationAction;
  onChange: (action: PublicationAction) => void;
}

/** Whether an entry is to be published or taken off. */
export function PublicationChoice({ value, onChange }: Props) {
  const { t } = useTranslation('editor');
  return (
    <SegmentedControl
      aria-label={t('schedule.action')}
      value={value}
      onChange={(action) => onChange(action === 'unpublish' ? 'unpublish' : 'publish')}
      data={[
        { value: 'publish', label: t('schedule.publish') },
        { value: 'unpublish', label: t('schedule.unpublish') },
      ]}
    />
  );
}
