import { useTranslation } from 'react-i18next';
import { ChoiceDefaultOption, OptionsForm } from '../shared/OptionsForm';
import type { OptionsProps } from '../types';

/** The settings of such an attribute. */
export function Options(props: OptionsProps) {
  const { t } = useTranslation('fields');
  const data = [
    { value: 'true', label: t('boolean.true') },
    { value: 'false', label: t('boolean.false') },
  ];
  return (
    <OptionsForm {...props} flags={['required', 'private', 'index']}>
      <ChoiceDefaultOption {...props} data={data} read={(chosen) => chosen === 'true'} />
    </OptionsForm>
  );
}
