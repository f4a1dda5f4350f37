import { ChoiceOption, OptionsForm } from '../shared/OptionsForm';
import type { OptionsProps } from '../types';

/** The settings of such an attribute. */
export function Options(props: OptionsProps) {
  return (
    <OptionsForm
      {...props}
      flags={['required', 'private', 'repeatable']}
      lines={props.attribute.repeatable ? ['min', 'max'] : []}
      numeric="number"
    >
      <ChoiceOption {...props} option="component" data={props.choices.components} />
    </OptionsForm>
  );
}
