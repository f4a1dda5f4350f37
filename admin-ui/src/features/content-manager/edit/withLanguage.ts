/** A title, and the language that it is about where two of them are on the page. */
export function withLanguage(title: string, language: string | undefined): string {
  return language === undefined ? title : `${title} (${language})`;
}
