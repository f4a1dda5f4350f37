/** Cairn's mark, three stones: as drawn in the browser's tab (`core/router/src/favicon.svg`). */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg
      viewBox="0 0 32 32"
      width={size}
      height={size}
      fill="var(--mantine-color-anchor)"
      style={{ flex: 'none' }}
      aria-hidden
    >
      <ellipse cx="16" cy="25" rx="13" ry="5" />
      <ellipse cx="15" cy="15.5" rx="9" ry="4" />
      <ellipse cx="17" cy="7.5" rx="5.5" ry="3.5" />
    </svg>
  );
}
