/** The examples of src/client/README.md on one page, for index.browser.test.ts. It is bundled, and runs in the browser. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { requestSubscription } from 'relay-runtime';
import * as apollo from '../support/examples/client-apollo.ts';
import { showDeliveries } from '../support/examples/client-list.ts';
import { LastChange, OpenDeliveries } from '../support/examples/client-react.tsx';
import { createEnvironment } from '../support/examples/client-relay.ts';
import * as urql from '../support/examples/client-urql.ts';
import { showChanges } from '../support/examples/client-watch.ts';
import { relayChanges } from './relay-artifact.ts';

export type Start = {
  readonly url: string;
  readonly apiKey: string;
  readonly after: string;
  readonly transport: 'websocket' | 'sse';
  /** Files of test/support/examples. */
  readonly names: readonly (keyof typeof EXAMPLES)[];
};

/** What each example has shown, and what each list shows. */
export type Shown = {
  readonly changes: Record<string, string[]>;
  readonly lists: Record<string, string[]>;
  readonly states: Record<string, string>;
  draws: number;
};

const shown: Shown = { changes: {}, lists: {}, states: {}, draws: 0 };

const EXAMPLES = {
  'client-watch': (options: Options) => {
    void showChanges(options, showChange('client-watch'), (state) => (shown.states['client-watch'] = state));
  },
  'client-list': (options: Options) => {
    showDeliveries(options, (deliveries, state) => {
      shown.lists['client-list'] = deliveries.map(({ id }) => id);
      shown.states['client-list'] = state;
      shown.draws++;
    });
  },
  'client-react': ({ after, ...service }: Options) => {
    const root = document.body.appendChild(document.createElement('main'));
    const components = createRoot(root);
    page.leave = () => components.unmount();
    components.render(
      <StrictMode>
        <LastChange {...service} after={after} onChange={showChange('client-react')} />
        <OpenDeliveries {...service} />
      </StrictMode>,
    );
    new MutationObserver(() => {
      shown.lists['client-react'] = [...root.querySelectorAll('li')].map(({ id }) => id);
      shown.states['client-react'] = root.querySelector('ul')?.dataset['state'] ?? 'gone';
    }).observe(root, { childList: true, subtree: true, attributes: true });
  },
  'client-apollo': (options: Options) => {
    apollo.showChanges(apollo.createClient(options), options.after, showChange('client-apollo'));
  },
  'client-urql': (options: Options) => {
    urql.showChanges(urql.createClient(options), options.after, showChange('client-urql'));
  },
  'client-relay': (options: Options) => {
    requestSubscription<{ response: { deliveryStatusChanged: { delivery: { id: string } } }; variables: object }>(
      createEnvironment(options),
      {
        subscription: relayChanges,
        variables: { after: options.after },
        onNext: (data) => showChange('client-relay')(data!.deliveryStatusChanged.delivery.id),
      },
    );
  },
};

type Options = Omit<Start, 'names' | 'apiKey'> & { readonly getApiKey: () => Promise<string> };

function showChange(name: string): (id: string) => void {
  const ids = (shown.changes[name] ??= []);
  return (id) => void ids.push(id);
}

export const page = {
  shown,
  /** Takes the React components off the page. */
  leave: (): void => {},
  start({ names, apiKey, ...options }: Start) {
    for (const name of names) EXAMPLES[name]({ ...options, getApiKey: async () => apiKey });
  },
};

Object.assign(window, { page });
