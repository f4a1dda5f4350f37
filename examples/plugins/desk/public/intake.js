// Sends the form without a new page, and shows mistakes at their fields. Without this script the browser sends it, with the same result.
(() => {
  const form = document.querySelector('form');
  // There is none on the page of thanks.
  if (!form) return;

  const summary = form.querySelector('.summary');
  const button = form.querySelector('button');
  const names = ['name', 'email', 'subject', 'message'];
  // A response is stored under its key, also one about mistakes: what was corrected needs a key of its own. `requestId` stays the same,
  // by which the desk recognises a form that it already has.
  let attempt = 0;
  let lastBody = '';

  const showSummary = (text) => {
    summary.textContent = text;
    summary.hidden = text === '';
  };

  const showProblem = (name, message) => {
    const field = form.elements[name];
    const problem = document.getElementById(`${name}-problem`);
    field.setAttribute('aria-invalid', String(message !== ''));
    problem.textContent = message;
    problem.hidden = message === '';
  };

  const showProblems = (errors) => {
    const first = new Map();
    for (const { path, message } of errors) {
      const name = Array.isArray(path) ? path.join('.') : path;
      if (!first.has(name)) first.set(name, message);
    }
    for (const name of names) showProblem(name, first.get(name) ?? '');
    const unknown = [...first].filter(([name]) => !names.includes(name)).map(([, message]) => message);
    showSummary([summary.dataset.text, ...unknown].join(' '));
    form.querySelector('[aria-invalid="true"]')?.focus();
  };

  const showThanks = ({ title, text, label, reference }) => {
    const heading = document.createElement('h1');
    heading.textContent = title;
    heading.tabIndex = -1;
    const thanks = document.createElement('p');
    thanks.setAttribute('role', 'status');
    thanks.textContent = text;
    const line = document.createElement('p');
    line.className = 'reference';
    const strong = document.createElement('strong');
    strong.textContent = reference;
    line.append(`${label} `, strong);
    document.querySelector('main').replaceChildren(heading, thanks, line);
    heading.focus();
  };

  const send = async () => {
    const fields = Object.fromEntries(new FormData(form));
    const body = JSON.stringify(fields);
    if (body !== lastBody) attempt += 1;
    lastBody = body;
    const headers = { 'content-type': 'application/json', 'idempotency-key': `${fields.requestId}-${attempt}` };
    const response = await fetch(form.action, { method: 'POST', headers, body });
    if (response.status === 429) return showSummary(form.dataset.busy);
    const result = await response.json();
    if (response.ok) return showThanks(result.data);
    const errors = result.error?.details?.errors;
    if (response.status === 400 && Array.isArray(errors)) return showProblems(errors);
    return showSummary(form.dataset.failed);
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    showSummary('');
    try {
      await send();
    } catch {
      showSummary(form.dataset.failed);
    } finally {
      button.disabled = false;
    }
  });
})();
