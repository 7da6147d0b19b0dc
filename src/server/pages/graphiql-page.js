// @ts-check
/**
 * What runs in the browser beside GraphiQL: the API key, the examples, and live results. The service serves this file as it is.
 *
 *   - The API key is asked for once, above the editor, and kept for the browser session. It goes with every request, unless
 *     the Headers editor has another one.
 *   - GraphiQL ends a subscription when another tab is chosen. Here it goes on: whoever publishes in one tab finds in the
 *     other what came meanwhile. The button of the tab ends it, and so does closing the tab.
 *   - GraphiQL shows the newest result only. Here it gets the last RESULTS, the newest first.
 */

/** @typedef {{ path: string, workers: Record<string, string>, examples: string[] }} Settings */
/** @typedef {{ query: string, variables?: object, operationName?: string }} Operation */
/** @typedef {{ next(result: object): void, error(reason: unknown): void, complete(): void }} Observer */
/** @typedef {{ query: string, received: number, last: object[], stop: AbortController, observer?: Observer }} Live */
/** @typedef {{ tabs: { query: string | null, variables?: string | null }[], activeTabIndex: number }} TabState */

const KEY = 'hookcast api key';
const STORED = 'hookcast graphiql ';
const RESULTS = 20;
/** GraphiQL keeps its tabs under this name, half a second after they changed. */
const TABS = 'graphiql:tabState';

/** @type {Settings} */
const settings = JSON.parse(find('#settings').textContent ?? '');

/** @param {string} selector @returns {HTMLElement} */
function find(selector) {
  return /** @type {HTMLElement} */ (document.querySelector(selector));
}

/** The form asks for the key. When there is one, the page says so instead, and whether the service knows it. */
function showKey() {
  const key = sessionStorage.getItem(KEY);
  find('#key-form').hidden = key !== null;
  find('#key-kept').hidden = key === null;
  find('#key-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const { value } = /** @type {HTMLInputElement} */ (find('#key'));
    if (value.trim() !== '') changeKey(value.trim());
  });
  find('#forget').addEventListener('click', () => changeKey(null));
  if (key !== null) void judgeKey();
}

/** Loads the page anew, so that GraphiQL loads the schema with the key. @param {string | null} key */
function changeKey(key) {
  if (key === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, key);
  location.reload();
}

async function judgeKey() {
  try {
    const response = await send({ query: '{ __typename }' }, {}, {});
    const { errors } = await response.json();
    if (errors) find('#key-state').textContent = errors[0].message;
  } catch (error) {
    find('#key-state').textContent = `The API key could not be checked: ${error}`;
  }
}

/** @param {Operation} operation @param {Record<string, string>} headers @param {{ accept?: string, signal?: AbortSignal }} how */
function send(operation, headers, { accept = 'application/graphql-response+json', signal }) {
  const key = sessionStorage.getItem(KEY);
  const own = new Headers({ 'content-type': 'application/json', accept, ...headers });
  if (key !== null && !own.has('x-api-key') && !own.has('authorization')) own.set('x-api-key', key);
  const body = JSON.stringify(operation);
  return fetch(settings.path, { method: 'POST', headers: own, body, ...(signal && { signal }) });
}

/**
 * Reads server-sent events: `next` has a result, `complete` is the end.
 * @param {Response} response @param {(result: object) => void} onResult
 */
async function readEvents(response, onResult) {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return onResult(await response.json());
  let text = '';
  const { body } = response;
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
    const events = (text + value).split(/\r?\n\r?\n/);
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: ?(.*)$/m.exec(event)?.[1];
      if (/^event: ?next$/m.test(event) && data) onResult(JSON.parse(data));
    }
  }
}

/** Subscriptions that run, by their query. @type {Map<string, Live>} */
const running = new Map();

/** What GraphiQL shows. @param {Live} live */
const shown = ({ received, last }) => ({ received, [`last ${RESULTS}, newest first`]: last });

/** @param {Operation} operation @param {Record<string, string>} headers @returns {Live} */
function start(operation, headers) {
  /** @type {Live} */
  const live = { query: operation.query, received: 0, last: [], stop: new AbortController() };
  running.set(operation.query, live);
  void (async () => {
    try {
      const response = await send(operation, headers, { accept: 'text/event-stream', signal: live.stop.signal });
      await readEvents(response, (result) => {
        live.received++;
        live.last = [result, ...live.last].slice(0, RESULTS);
        live.observer?.next(shown(live));
      });
    } catch (error) {
      if (!live.stop.signal.aborted) live.observer?.error(error);
    }
    end(live);
  })();
  return live;
}

/** @param {Live} live */
function end(live) {
  live.stop.abort();
  if (running.get(live.query) === live) running.delete(live.query);
  const { observer } = live;
  delete live.observer;
  observer?.complete();
}

/** Set while GraphiQL lets go of a subscription: because its tab is left, or because it is to end. @type {Live | undefined} */
let leaving;

/** An observable, as GraphiQL takes it. @param {Operation} operation @param {Record<string, string>} headers */
const watch = (operation, headers) => ({
  /** @param {Observer} observer */
  subscribe(observer) {
    const live = running.get(operation.query) ?? start(operation, headers);
    live.observer = observer;
    observer.next(shown(live));
    return {
      unsubscribe() {
        delete live.observer;
        leaving = live;
        setTimeout(() => leaving === live && end(live)); // onTabChange comes first, where a tab is left.
      },
    };
  },
});

/** Which tab was shown last, among how many. */
let place = '';

/**
 * Called for every change of a tab, also of its text. When another tab is chosen, the subscription of the one before goes on.
 * When its own is chosen, again too, its button is pressed.
 * @param {TabState} state
 */
function onTabChange({ tabs, activeTabIndex }) {
  const before = place;
  place = `${activeTabIndex} of ${tabs.length}`;
  if (place === before && !leaving) return;
  leaving = undefined;
  const queries = new Set(tabs.map(({ query }) => query));
  const chosen = tabs[activeTabIndex]?.query ?? '';
  for (const live of [...running.values()]) {
    if (!queries.has(live.query)) end(live);
    else if (live.query !== chosen) leave(live);
    else if (!live.observer) setTimeout(() => find('.graphiql-execute-button').click());
  }
}

/** Tells GraphiQL that it is over, so that the button of the other tab is one to begin with. @param {Live} live */
function leave(live) {
  const { observer } = live;
  delete live.observer;
  observer?.complete();
}

const OPERATION = /^\s*(query|mutation|subscription)\b\s*(\w*)/gm;

/**
 * GraphiQL knows the operations of a tab a moment after it is shown, and until then names that of the tab before. So they are
 * looked for here.
 * @param {Operation} operation @param {{ headers?: Record<string, string> }} [options]
 */
async function fetcher({ operationName, ...operation }, { headers = {} } = {}) {
  const found = [...operation.query.matchAll(OPERATION)];
  const [, kind, name] = found.find(([, , each]) => each === operationName) ?? found[0] ?? [];
  const chosen = { ...operation, ...(name && { operationName: name }) };
  if (kind === 'subscription') return watch(chosen, headers);
  return (await send(chosen, headers, {})).json();
}

/** Tabs outlive the browser session, and their headers do not: GraphiQL would keep API keys that were typed there. */
const storage = {
  /** @param {string} name */
  getItem: (name) => localStorage.getItem(STORED + name),
  /** @param {string} name @param {string} value */
  setItem(name, value) {
    localStorage.setItem(STORED + name, value);
    if (name === TABS) dropQuery();
  },
  /** @param {string} name */
  removeItem: (name) => localStorage.removeItem(STORED + name),
  clear: () => {},
  length: 0,
};

/** A link may bring a query, which then is the first tab. @returns {string | null} */
const readQuery = () => new URL(location.href).searchParams.get('query');

/** Once GraphiQL has kept its tabs, a reload brings the query back: before, only the address can, and after, it would twice. */
function dropQuery() {
  const url = new URL(location.href);
  if (!url.searchParams.has('query')) return;
  url.searchParams.delete('query');
  history.replaceState({}, '', url);
}

/** The tab that was shown last. GraphiQL keeps it, and adds an empty one unless it is told which it was. */
function lastTab() {
  try {
    /** @type {TabState | null} */
    const state = JSON.parse(storage.getItem(TABS) ?? 'null');
    return state?.tabs[state.activeTabIndex];
  } catch {
    return undefined; // Not what GraphiQL wrote: it begins with the examples.
  }
}

const given = readQuery();
const { query, variables } = given === null ? (lastTab() ?? {}) : { query: given };
showKey();
Object.assign(self, {
  MonacoEnvironment: {
    globalAPI: false,
    /** @param {string} _moduleId @param {string} label */
    getWorkerUrl: (_moduleId, label) => settings.workers[label],
  },
});
/** @type {any} */ (self).YogaGraphiQL.renderYogaGraphiQL(find('#root'), {
  title: 'Hookcast',
  fetcher,
  storage,
  onTabChange,
  shouldPersistHeaders: false,
  showPersistHeadersSettings: false,
  defaultEditorToolsVisibility: false,
  onEditQuery: () => {},
  ...(query && { query }),
  ...(variables && { variables }),
  defaultTabs: [...(given === null ? [] : [given]), ...settings.examples].map((text) => ({ query: text })),
});
