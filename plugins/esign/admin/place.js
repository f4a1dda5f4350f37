// Places fields on the pages of a draft: with the mouse, with the arrow keys, or by numbers. Points from the upper left corner of a page.
// In the view `review` an approver sees them, and changes nothing.
(() => {
  const element = (id) => document.getElementById(id);
  const KINDS = {
    signature: [170, 48], initials: [60, 28], name: [170, 18], date: [90, 18], text: [170, 18], number: [90, 18], checkbox: [16, 16],
  };
  const SMALLEST = 8;
  let review = false;
  cairn.texts({
    en: {
      title: 'Place fields: {title}', choose: 'Place fields', chooseHint: 'Choose a draft. It needs a document and at least one signer.',
      none: 'There are no drafts. Create an envelope first.', signer: 'Signer', kind: 'Field', page: 'Page', add: 'Add field', save: 'Save fields',
      back: 'Back to the envelope', fields: 'Fields on this page', keys: 'Drag a field, or focus it and use the arrow keys; with Shift they change its size. Delete removes it.',
      hint: 'Every signer needs a signature field.', left: 'Left', top: 'Top', width: 'Width', height: 'Height', label: 'Label', required: 'Required',
      remove: 'Remove', saved: 'Fields saved', empty: 'No fields on this page yet.', sent: 'This envelope was sent: its fields stay.',
      nobody: 'Name the signers on the envelope first.', failed: 'This did not work: {why}', picture: 'Page {page} of {pages}', unsaved: 'There are changes that were not saved.',
      signature: 'Signature', initials: 'Initials', name: 'Name', date: 'Date', text: 'Text', number: 'Number', checkbox: 'Checkbox', leave: 'Leave without saving?',
      leaveText: 'The fields that you changed are lost.', leaveConfirm: 'Leave', marks: 'Take fields from marks', marksSure: 'Replace all fields by the marks in the PDF?',
      reviewTitle: 'Fields: {title}', reviewChoose: 'Look at fields', reviewNone: 'Nothing waits for an approval.',
      marksText: 'Marks are texts in the PDF such as {mark}.', marksConfirm: 'Replace',
    },
    nl: {
      title: 'Velden plaatsen: {title}', choose: 'Velden plaatsen', chooseHint: 'Kies een concept. Het heeft een document en minstens één ondertekenaar nodig.',
      none: 'Er zijn geen concepten. Maak eerst een envelop.', signer: 'Ondertekenaar', kind: 'Veld', page: 'Pagina', add: 'Veld toevoegen', save: 'Velden opslaan',
      back: 'Terug naar de envelop', fields: 'Velden op deze pagina', keys: 'Sleep een veld, of selecteer het en gebruik de pijltjestoetsen; met Shift veranderen ze de grootte. Delete verwijdert het.',
      hint: 'Elke ondertekenaar heeft een handtekeningveld nodig.', left: 'Links', top: 'Boven', width: 'Breedte', height: 'Hoogte', label: 'Label', required: 'Verplicht',
      remove: 'Verwijderen', saved: 'Velden opgeslagen', empty: 'Nog geen velden op deze pagina.', sent: 'Deze envelop is verstuurd: de velden blijven zoals ze zijn.',
      nobody: 'Noem eerst de ondertekenaars op de envelop.', failed: 'Dit is niet gelukt: {why}', picture: 'Pagina {page} van {pages}', unsaved: 'Er zijn wijzigingen die niet zijn opgeslagen.',
      signature: 'Handtekening', initials: 'Paraaf', name: 'Naam', date: 'Datum', text: 'Tekst', number: 'Getal', checkbox: 'Selectievakje', leave: 'Weggaan zonder opslaan?',
      leaveText: 'De velden die je hebt gewijzigd, gaan verloren.', leaveConfirm: 'Weggaan', marks: 'Velden uit markeringen halen', marksSure: 'Alle velden vervangen door de markeringen in de PDF?',
      reviewTitle: 'Velden: {title}', reviewChoose: 'Velden bekijken', reviewNone: 'Er wacht niets op goedkeuring.',
      marksText: 'Markeringen zijn teksten in de PDF zoals {mark}.', marksConfirm: 'Vervangen',
    },
  });
  const t = (key, values) => cairn.t(key, values);
  let envelope = '';
  let pages = [];
  let signers = [];
  let fields = [];
  let current = null;
  let page = 1;
  let changed = false;
  let asked = 0;
  const pictures = new Map();

  const round = (number) => Math.round(number * 10) / 10;
  const clamp = (field) => {
    const size = pages[field.page - 1];
    field.width = round(Math.min(Math.max(field.width, SMALLEST), size.width));
    field.height = round(Math.min(Math.max(field.height, SMALLEST), size.height));
    field.x = round(Math.min(Math.max(field.x, 0), size.width - field.width));
    field.y = round(Math.min(Math.max(field.y, 0), size.height - field.height));
  };
  const problem = (answer) => {
    const error = answer.body && answer.body.error;
    const errors = error && error.details && error.details.errors;
    return errors && errors.length ? errors.map((one) => one.message).join(' ') : (error && error.message) || String(answer.status);
  };
  const option = (value, text) => {
    const made = document.createElement('option');
    made.value = value;
    made.textContent = text;
    return made;
  };
  const nameOf = (id) => (signers.find((one) => one.id === id) || { name: '?' }).name;
  const describe = (field) => `${field.label || t(field.type)} · ${nameOf(field.recipient)}`;

  const draw = () => {
    const sheet = element('sheet');
    const size = pages[page - 1];
    for (const box of sheet.querySelectorAll('.box')) box.remove();
    fields.forEach((field) => {
      if (field.page !== page) return;
      const box = document.createElement('button');
      box.type = 'button';
      box.className = 'box';
      box.textContent = describe(field);
      box.setAttribute('aria-current', String(field === current));
      place(box, field, size);
      box.addEventListener('focus', () => choose(field));
      if (!review) {
        box.addEventListener('keydown', (event) => press(event, field));
        drag(box, field);
      }
      sheet.append(box);
      field.box = box;
    });
    list();
    cairn.resize();
  };
  const place = (box, field, size) => {
    box.style.left = `${(field.x / size.width) * 100}%`;
    box.style.top = `${(field.y / size.height) * 100}%`;
    box.style.width = `${(field.width / size.width) * 100}%`;
    box.style.height = `${(field.height / size.height) * 100}%`;
  };
  const moved = (field) => {
    changed = true;
    clamp(field);
    place(field.box, field, pages[field.page - 1]);
    for (const side of ['x', 'y', 'width', 'height']) {
      const input = document.querySelector(`[data-field="${fields.indexOf(field)}"][data-side="${side}"]`);
      if (input && input !== document.activeElement) input.value = field[side];
    }
  };
  const choose = (field) => {
    current = field;
    for (const one of fields) if (one.box) one.box.setAttribute('aria-current', String(one === field));
    for (const set of document.querySelectorAll('#fields fieldset')) set.dataset.current = String(fields[Number(set.dataset.number)] === field);
  };
  const press = (event, field) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === 'Delete') {
      event.preventDefault();
      remove(field);
      return;
    }
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const far = event.ctrlKey ? 20 : 4;
    if (event.shiftKey) {
      field.width += step[0] * far;
      field.height += step[1] * far;
    } else {
      field.x += step[0] * far;
      field.y += step[1] * far;
    }
    moved(field);
  };
  const drag = (box, field) => {
    let from = null;
    box.addEventListener('pointerdown', (event) => {
      box.setPointerCapture(event.pointerId);
      from = { x: event.clientX, y: event.clientY, left: field.x, top: field.y };
    });
    box.addEventListener('pointermove', (event) => {
      if (!from) return;
      const scale = pages[page - 1].width / element('sheet').clientWidth;
      field.x = from.left + (event.clientX - from.x) * scale;
      field.y = from.top + (event.clientY - from.y) * scale;
      moved(field);
    });
    const drop = () => { from = null; };
    box.addEventListener('pointerup', drop);
    box.addEventListener('pointercancel', drop);
  };
  const remove = (field) => {
    fields = fields.filter((one) => one !== field);
    current = null;
    changed = true;
    draw();
    element('add').focus();
  };

  const input = (field, key, labelText, type) => {
    const label = document.createElement('label');
    const made = document.createElement('input');
    made.type = type;
    made.dataset.field = fields.indexOf(field);
    made.dataset.side = key;
    const caption = document.createElement('span');
    caption.textContent = labelText;
    if (type === 'checkbox') {
      made.checked = field[key];
      label.append(made, caption);
    } else {
      made.value = field[key];
      label.append(caption, made);
    }
    if (type === 'number') {
      made.step = '1';
      made.min = '0';
    }
    if (key === 'label') made.maxLength = 80;
    made.addEventListener('change', () => {
      changed = true;
      if (type === 'checkbox') field[key] = made.checked;
      else if (type === 'number') field[key] = Number(made.value) || 0;
      else field[key] = made.value;
      if (type === 'number') {
        moved(field);
        made.value = field[key];
      } else field.box.textContent = describe(field);
    });
    return label;
  };
  const list = () => {
    const items = fields.filter((field) => field.page === page).map((field) => {
      const item = document.createElement('li');
      const set = document.createElement('fieldset');
      set.dataset.number = fields.indexOf(field);
      set.dataset.current = String(field === current);
      const legend = document.createElement('legend');
      legend.textContent = `${t(field.type)} · ${nameOf(field.recipient)}`;
      if (review) {
        const label = document.createElement('p');
        label.textContent = [field.label, field.required ? t('required') : ''].filter(Boolean).join(' · ');
        set.append(legend, label);
        item.append(set);
        return item;
      }
      const numbers = document.createElement('div');
      numbers.className = 'numbers';
      numbers.append(
        input(field, 'x', t('left'), 'number'), input(field, 'y', t('top'), 'number'),
        input(field, 'width', t('width'), 'number'), input(field, 'height', t('height'), 'number'),
      );
      const wide = document.createElement('div');
      wide.className = 'wide';
      wide.append(input(field, 'label', t('label'), 'text'));
      const row = document.createElement('div');
      row.className = 'row';
      const gone = document.createElement('button');
      gone.type = 'button';
      gone.textContent = t('remove');
      gone.addEventListener('click', () => remove(field));
      row.append(input(field, 'required', t('required'), 'checkbox'), gone);
      set.append(legend, numbers, wide, row);
      item.append(set);
      return item;
    });
    if (!items.length) {
      const item = document.createElement('li');
      item.textContent = t('empty');
      items.push(item);
    }
    element('fields').replaceChildren(...items);
  };

  const show = async (number) => {
    page = number;
    const sheet = element('sheet');
    const wanted = ++asked;
    sheet.setAttribute('aria-label', t('picture', { page, pages: pages.length }));
    for (const old of sheet.querySelectorAll('img')) old.remove();
    sheet.style.aspectRatio = `${pages[page - 1].width} / ${pages[page - 1].height}`;
    draw();
    if (!pictures.has(page)) {
      const answer = await cairn.call('GET', `/${review ? 'review' : 'draft'}/${envelope}/page/${page}`);
      if (answer.status !== 200) return cairn.toast(t('failed', { why: problem(answer) }), 'danger');
      pictures.set(number, answer.body.data.picture);
    }
    if (wanted !== asked) return;
    const picture = document.createElement('img');
    picture.alt = t('picture', { page, pages: pages.length });
    picture.src = pictures.get(number);
    picture.addEventListener('load', () => cairn.resize());
    sheet.prepend(picture);
  };
  const add = () => {
    const [width, height] = KINDS[element('kind').value];
    const field = { recipient: element('signer').value, type: element('kind').value, label: '', required: true, page, x: 60, y: 60, width, height };
    // Below those that are there.
    while (fields.some((one) => one.page === page && Math.abs(one.x - field.x) < 4 && Math.abs(one.y - field.y) < 4)) field.y += 60;
    clamp(field);
    fields.push(field);
    current = field;
    changed = true;
    draw();
    field.box.focus();
  };
  const save = async () => {
    element('save').disabled = true;
    const sent = fields.map(({ recipient, type, label, required, page: on, x, y, width, height }) => (
      { recipient, type, label, required, page: on, x, y, width, height }
    ));
    const answer = await cairn.call('PUT', `/draft/${envelope}/fields`, { fields: sent });
    element('save').disabled = false;
    if (answer.status !== 200) return cairn.toast(t('failed', { why: problem(answer) }), 'danger');
    changed = false;
    cairn.toast(t('saved'), 'success');
  };
  const takeMarks = async () => {
    const sure = { title: t('marksSure'), text: t('marksText', { mark: '{{sign:1}}' }), confirm: t('marksConfirm') };
    if (fields.length && !(await cairn.dialog(sure))) return;
    const answer = await cairn.call('POST', `/draft/${envelope}/marks`);
    if (answer.status !== 200) return cairn.toast(t('failed', { why: problem(answer) }), 'danger');
    await begin(envelope);
    cairn.toast(t('saved'), 'success');
  };
  const leave = async () => {
    if (changed && !(await cairn.dialog({ title: t('leave'), text: t('leaveText'), confirm: t('leaveConfirm'), danger: true }))) return;
    // With a parameter of its own the admin asks for the page anew, instead of showing it as it was before.
    cairn.navigate(`/plugins/esign/pages/${review ? 'approvals' : 'envelopes'}?envelope=${envelope}&at=${Date.now()}`);
  };

  const chooseDraft = async () => {
    element('title').textContent = t(review ? 'reviewChoose' : 'choose');
    element('hint').textContent = review ? '' : t('chooseHint');
    const asked = review ? { approvalAskedAt: { $notNull: true } } : {};
    const { data } = await cairn.read({
      type: 'plugin::esign.envelope', filters: { status: { $eq: 'draft' }, ...asked }, fields: ['title'], sort: ['updatedAt:desc'], pagination: { pageSize: 50 },
    });
    const items = document.createElement('ul');
    for (const draft of data) {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = draft.title;
      button.addEventListener('click', () => cairn.navigate(`/plugins/esign/pages/${review ? 'review' : 'place'}?envelope=${draft.documentId}`));
      item.append(button);
      items.append(item);
    }
    const none = document.createElement('p');
    none.textContent = t(review ? 'reviewNone' : 'none');
    element('choose').replaceChildren(data.length ? items : none);
    element('choose').hidden = false;
    cairn.resize();
  };
  const begin = async (id) => {
    envelope = id || '';
    element('choose').hidden = true;
    element('editor').hidden = true;
    pictures.clear();
    changed = false;
    if (!envelope) return chooseDraft();
    const answer = await cairn.call('GET', `/${review ? 'review' : 'draft'}/${envelope}`);
    if (answer.status !== 200) {
      element('title').textContent = t(review ? 'reviewChoose' : 'choose');
      element('hint').textContent = t('failed', { why: problem(answer) });
      return cairn.resize();
    }
    const draft = answer.body.data;
    ({ pages, signers } = draft);
    fields = draft.fields;
    element('title').textContent = t(review ? 'reviewTitle' : 'title', { title: draft.title });
    if (review) {
      element('hint').textContent = '';
      element('page').replaceChildren(...pages.map((_, n) => option(n + 1, String(n + 1))));
      element('editor').hidden = false;
      return show(1);
    }
    element('hint').textContent = draft.status !== 'draft' ? t('sent') : signers.length ? t('hint') : t('nobody');
    if (draft.status !== 'draft' || !signers.length) return cairn.resize();
    element('signer').replaceChildren(...signers.map((one) => option(one.id, `${one.group}. ${one.name}`)));
    element('kind').replaceChildren(...Object.keys(KINDS).map((kind) => option(kind, t(kind))));
    element('page').replaceChildren(...pages.map((_, n) => option(n + 1, String(n + 1))));
    element('editor').hidden = false;
    return show(1);
  };

  element('add').addEventListener('click', add);
  element('save').addEventListener('click', save);
  element('marks').addEventListener('click', takeMarks);
  element('back').addEventListener('click', leave);
  element('page').addEventListener('change', () => show(Number(element('page').value)));
  element('tools').addEventListener('submit', (event) => event.preventDefault());
  cairn.ready.then(({ locale, parameters, view }) => {
    review = view === 'review';
    if (review) for (const made of document.querySelectorAll('[data-edit]')) made.remove();
    document.documentElement.lang = locale;
    for (const made of document.querySelectorAll('[data-text]')) made.textContent = t(made.dataset.text);
    cairn.on('parameters', (now) => begin(now && now.envelope));
    return begin(parameters && parameters.envelope);
  });
})();
