import { ChoiceDefaultOption, OptionsForm, ValuesOption } from '../shared/OptionsForm';
import type { OptionsProps } from '../types';

/** The settings of such an attribute. */
export function Options(props: OptionsProps) {
  return (
    <OptionsForm {...props} flags={['required', 'private', 'index']}>
      <ValuesOption {...props} />
      <ChoiceDefaultOption
        {...props}
        data={(props.attribute.enum ?? []).map((value) => ({ value, label: value }))}
        read={(chosen) => chosen}
      />
    </OptionsForm>
  );
}
