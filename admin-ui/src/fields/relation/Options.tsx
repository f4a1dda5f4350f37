import { useTranslation } from 'react-i18next';
import { ChoiceOption, OptionsForm } from '../shared/OptionsForm';
import type { OptionsProps } from '../types';
import { leadsAnywhere } from './kinds';

const kinds = [
  'oneToOne',
  'oneToMany',
  'manyToOne',
  'manyToMany',
  'morphToOne',
  'morphToMany',
  'morphOne',
  'morphMany',
] as const;

/** The settings of such an attribute. */
export function Options(props: OptionsProps) {
  const { t } = useTranslation('fields');
  return (
    <OptionsForm {...props} flags={['required', 'private']}>
      <ChoiceOption
        {...props}
        option="relation"
        data={kinds.map((value) => ({ value, label: t(`relation.kinds.${value}`) }))}
      />
      {!leadsAnywhere(props.attribute) && <ChoiceOption {...props} option="target" data={props.choices.contentTypes} />}
    </OptionsForm>
  );
}
