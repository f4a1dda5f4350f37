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
  const text = await answer.text();
  // Without its head, whose styles are already here: they have the nonce of another response, which the policy of this page refuses.
  const html = text.slice(Math.max(text.indexOf('<body'), 0));
  const page = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, 'text/html');
  const next = page.getElementById('content');
  // Whoever reads or has marked something keeps their place where nothing is new.
  if (!next || next.innerHTML === main.innerHTML) return;
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
