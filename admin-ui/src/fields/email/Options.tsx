import { OptionsForm } from '../shared/OptionsForm';
import type { OptionsProps } from '../types';

/** The settings of such an attribute. */
export function Options(props: OptionsProps) {
  return (
    <OptionsForm
      {...props}
      flags={['required', 'unique', 'private', 'index']}
      lines={['default', 'minLength', 'maxLength', 'regex']}
    />
  );
}
