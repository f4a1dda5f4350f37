import { useSite } from './site.tsx';

/** The tenant's logo, or its name where it has none. `href`: where it leads. */
export function Brand({ href }: { href: string }) {
  const { theme } = useSite().context.parts;
  const { logo } = theme;
  return (
    <a className="brand" href={href}>
      {logo ? (
        <img
          src={logo.url}
          alt={logo.alt || theme.name}
          {...(logo.width ? { width: logo.width } : {})}
          {...(logo.height ? { height: logo.height } : {})}
        />
      ) : (
        theme.name
      )}
    </a>
  );
}
