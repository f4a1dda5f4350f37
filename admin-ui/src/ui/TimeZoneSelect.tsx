import { Select, type SelectProps } from '@mantine/core';

/** Zones that are listed at a time: who looks for another one types. */
const MAX_LISTED = 60;

interface Props extends Omit<SelectProps, 'data' | 'value' | 'onChange' | 'searchable' | 'allowDeselect' | 'limit'> {
  value: string | null;
  onChange: (zone: string) => void;
}

/** The time zone that a time is in; there is always one. */
export function TimeZoneSelect({ onChange, ...props }: Props) {
  return (
    <Select
      {...props}
      data={Intl.supportedValuesOf('timeZone')}
      onChange={(zone) => zone && onChange(zone)}
      searchable
      allowDeselect={false}
      limit={MAX_LISTED}
    />
  );
}
