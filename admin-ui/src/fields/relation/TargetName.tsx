import formClasses from '../form/Form.module.css';
import type { RelationItem } from '../form/values';

/** What a document is called, and below it what tells it from others with the same title. */
export function TargetName({ item }: { item: RelationItem }) {
  return (
    <span style={{ display: 'grid', flex: 1, minInlineSize: 0 }}>
      <span className={formClasses.title}>{item.title}</span>
      {item.detail && (
        <span
          className={formClasses.title}
          style={{ color: 'var(--mantine-color-dimmed)', fontSize: 'var(--mantine-font-size-xs)' }}
        >
          {item.detail}
        </span>
      )}
    </span>
  );
}

/** The same in one line. */
export function targetNameOf({ title, detail }: RelationItem): string {
  return detail ? `${title} (${detail})` : title;
}
