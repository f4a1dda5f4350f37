import { ChoiceOption, OptionsForm } from '../shared/OptionsForm';
import type { OptionsProps } from '../types';

/** The settings of such an attribute. */
export function Options(props: OptionsProps) {
  return (
    <OptionsForm {...props} flags={['required', 'private']} lines={['default', 'minLength', 'maxLength']}>
      <ChoiceOption {...props} option="targetField" data={props.choices.attributes} clearable />
    </OptionsForm>
  );
}
