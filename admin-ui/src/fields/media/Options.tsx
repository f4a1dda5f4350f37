import { useTranslation } from 'react-i18next';
import { ChoicesOption, OptionsForm } from '../shared/OptionsForm';
import type { OptionsProps } from '../types';

/** The settings of such an attribute. */
export function Options(props: OptionsProps) {
  const { t } = useTranslation('fields');
  const data = (['images', 'videos', 'audios', 'files'] as const).map((value) => ({
    value,
    label: t(`media.types.${value}`),
  }));
  return (
    <OptionsForm {...props} flags={['required', 'private', 'multiple']}>
      <ChoicesOption {...props} option="allowedTypes" data={data} />
    </OptionsForm>
  );
}
