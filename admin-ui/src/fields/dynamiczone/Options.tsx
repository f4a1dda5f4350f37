import { ChoicesOption, OptionsForm } from '../shared/OptionsForm';
import type { OptionsProps } from '../types';

/** The settings of such an attribute. */
export function Options(props: OptionsProps) {
  return (
    <OptionsForm {...props} flags={['required', 'private']} lines={['min', 'max']} numeric="number">
      <ChoicesOption {...props} option="components" data={props.choices.components} />
    </OptionsForm>
  );
}
