// Shows what changed on the overview while it is open. Without scripts, or where the stream is refused, the page is as it was opened.
const main = document.getElementById('content');
// The site's policy lets no text become HTML by accident; this is a page of the site itself.
const policy = globalThis.trustedTypes?.createPolicy('live', { createHTML: (html) => html });
let timer;

async function refresh() {
  // Whoever is filling in a form goes on with it.
  if (main.querySelector('form :focus')) return;
  const answer = await fetch(location.href, { headers: { 'X-Live': '1' }, redirect: 'manual' }).catch(() => undefined);
  if (!answer?.ok) return;
  const html = await answer.text();
  const page = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, 'text/html');
  const next = page.getElementById('content');
  if (!next) return;
  // The link that has the focus keeps it.
  const focused = main.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  main.replaceChildren(...next.childNodes);
  if (focused) main.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

const stream = new EventSource('/live');
stream.addEventListener('change', () => {
  clearTimeout(timer);
  // What is changed together comes within a moment.
  timer = setTimeout(refresh, 150);
});
