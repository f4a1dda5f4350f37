// Copies the text of a field at the press of the button beside it, which is hidden without scripts.
for (const button of document.querySelectorAll('[data-copies]')) {
  const field = document.getElementById(button.dataset.copies);
  const status = document.getElementById(`${button.dataset.copies}-status`);
  button.hidden = false;
  button.addEventListener('click', async () => {
    field.select();
    // Browsers have no clipboard for pages without TLS; the text is selected for the keyboard then.
    await navigator.clipboard?.writeText(field.value).then(
      () => {
        status.textContent = button.dataset.done;
      },
      () => undefined,
    );
  });
}
