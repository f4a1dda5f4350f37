// The page that shows the content API: reads its description with the token that was entered, and sends each request with it.
const form = document.getElementById('token-form');
const field = document.getElementById('token');
const problem = document.getElementById('token-problem');
const reference = document.getElementById('reference');
/** Known to this page alone: nothing stores it. */
let token = '';

/** Takes the buttons of the library's own sign-in away: the description depends on the token, so it is entered before. */
const hideSignIn = () => ({
  wrapComponents: { authorizeBtn: () => () => null, authorizeOperationBtn: () => () => null },
});

/** Adds the token, to requests of this server alone. */
function addToken(request) {
  if (token && new URL(request.url, location.href).origin === location.origin) {
    request.headers.Authorization = `Bearer ${token}`;
  }
  return request;
}

/** Makes the library's filter a landmark, as all else on the page is in one. */
const markFilter = ({ React }) => ({
  wrapComponents: {
    FilterContainer: (Filter) => (props) =>
      React.createElement('div', { role: 'search' }, React.createElement(Filter, props)),
  },
});

async function readDescription() {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch('openapi.json', { headers, cache: 'no-cache' });
  if (!response.ok) throw new Error(response.status === 401 ? problem.dataset.refused : problem.dataset.failed);
  return emptyObjects(await response.json());
}

/** Begins parameters such as `filters` empty: the library would fill in members that no content type has. */
function emptyObjects(description) {
  for (const parameter of Object.values(description.components.parameters)) {
    if (parameter.style === 'deepObject') parameter.example = {};
  }
  return description;
}

async function showReference() {
  problem.textContent = '';
  field.removeAttribute('aria-invalid');
  try {
    const spec = await readDescription();
    window.SwaggerUIBundle({
      spec,
      domNode: reference,
      docExpansion: 'none',
      filter: true,
      tryItOutEnabled: true,
      defaultModelsExpandDepth: 0,
      validatorUrl: 'none',
      plugins: [hideSignIn, markFilter],
      requestInterceptor: addToken,
    });
  } catch (error) {
    // A description of another token would say what this one may not call.
    reference.replaceChildren();
    problem.textContent = error instanceof TypeError ? problem.dataset.failed : error.message;
    field.setAttribute('aria-invalid', 'true');
  }
}

const dark = matchMedia('(prefers-color-scheme: dark)');
const applyScheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', applyScheme);
applyScheme();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  token = field.value.trim();
  showReference();
});
showReference();
