/** Codes such as F22-0132: words of capitals and digits with hyphens between them. */
const CODE = /(\b[A-Z0-9]+(?:-[A-Z0-9]+)+\b)/;

/** A text whose codes are not broken at their hyphens. */
export function WithCodes({ text }: { text: string }) {
  // What the pattern has found is at the odd places.
  return text.split(CODE).map((part, at) =>
    at % 2 === 1 ? (
      <span key={`${at}/${part}`} className="code">
        {part}
      </span>
    ) : (
      part
    ),
  );
}
