import { Select, type SelectProps } from '@mantine/core';
import { type Folder, folderLabel } from '@/api/assets';

interface Props extends Omit<SelectProps, 'data' | 'value' | 'onChange' | 'searchable' | 'allowDeselect'> {
  folders: readonly Folder[];
  /** What it is called to lie in none of them. */
  none: string;
  /** The folder's number; 0 is none of them, `null` that nothing was chosen yet. */
  value: number | null;
  onChange: (folder: number) => void;
}

/** A folder of the library, or none. */
export function FolderSelect({ folders, none, value, onChange, ...props }: Props) {
  return (
    <Select
      {...props}
      searchable
      allowDeselect={false}
      data={[
        { value: '0', label: none },
        ...folders.map((each) => ({ value: String(each.id), label: folderLabel(each) })),
      ]}
      value={value === null ? null : String(value)}
      onChange={(chosen) => onChange(Number(chosen ?? 0))}
    />
  );
}
