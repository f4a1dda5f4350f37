import { Input as Wrapper, SegmentedControl, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';

/** Yes or no; and, where it neither is required nor has a default, not said yet. */
export function Input(props: InputProps<boolean | null>) {
  const { t } = useTranslation('fields');
  const { value, onChange, attribute, label, disabled } = props;
  const { withAsterisk, 'aria-required': _ariaRequired, ...common } = useInputProps(props);
  if (attribute.required || typeof attribute.default === 'boolean') {
    return (
      <Switch
        {...common}
        label={withAsterisk ? `${label} *` : label}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  return (
    <Wrapper.Wrapper
      label={label}
      labelElement="div"
      labelProps={{ id: `${common.id}-label` }}
      description={common.description}
      error={common.error}
    >
      <div>
        <SegmentedControl
          id={common.id}
          aria-labelledby={`${common.id}-label`}
          size="sm"
          disabled={disabled ?? false}
          value={value === true ? 'true' : value === false ? 'false' : 'null'}
          onChange={(chosen) => onChange(chosen === 'null' ? null : chosen === 'true')}
          data={[
            { value: 'true', label: t('boolean.true') },
            { value: 'false', label: t('boolean.false') },
            { value: 'null', label: t('boolean.null') },
          ]}
        />
      </div>
    </Wrapper.Wrapper>
  );
}
