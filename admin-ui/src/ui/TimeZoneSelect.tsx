import { Select, type SelectProps } from '@mantine/core';

/** Zones that are listed at a time: who looks for another one types. */
const MAX_LISTED = 60;

type ZoneProps = Omit<
  SelectProps,
  'data' | 'value' | 'onChange' | 'searchable' | 'allowDeselect' | 'clearable' | 'limit'
>;

interface Props extends ZoneProps {
  value: string | null;
  onChange: (zone: string) => void;
}

interface OptionalProps extends ZoneProps {
  value: string | null;
  onChange: (zone: string | null) => void;
}

/** A time zone that may be left open. */
export function OptionalTimeZoneSelect(props: OptionalProps) {
  return <Select {...props} data={Intl.supportedValuesOf('timeZone')} searchable clearable limit={MAX_LISTED} />;
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
