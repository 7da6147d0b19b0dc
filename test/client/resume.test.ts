/** What Apollo Client, urql and Relay have in common, each as it is, before a service that says what the test tells it to. */
import { parse } from 'graphql';
import { ApolloClient, ApolloLink, InMemoryCache } from '@apollo/client';
import { Client } from '@urql/core';
import { Environment, Network, Observable, RecordSource, requestSubscription, Store } from 'relay-runtime';
import { describe, expect, test } from 'vitest';
import { cacheConfig, resumeLink } from '../../src/client/apollo.ts';
import { relayNetwork } from '../../src/client/relay.ts';
import type { ResumeOptions } from '../../src/client/resume.ts';
import { resumeExchange } from '../../src/client/urql.ts';
import { relayChanges } from './relay-artifact.ts';
import { nextEvent, startScripted, STREAM } from './scripted.ts';

const CHANGES =
  'subscription Changes($after: String) { deliveryStatusChanged(after: $after) { cursor delivery { id status } } }';

type Observer = { next(id: string): void; error(error: unknown): void };
type Subscribe = (
  options: ResumeOptions,
  document: string,
  after: string | undefined,
  observer: Observer,
) => () => void;
type Data = { deliveryStatusChanged: { delivery: { id: string } } };

const idOf = (data: unknown): string => (data as Data).deliveryStatusChanged.delivery.id;

const CLIENTS: Record<string, Subscribe> = {
  'Apollo Client'(options, document, after, { next, error }) {
    const link = ApolloLink.from([resumeLink(options)]);
    const client = new ApolloClient({ cache: new InMemoryCache(cacheConfig), link });
    const subscription = client.subscribe({ query: parse(document), variables: { after } }).subscribe({
      next: (result) => (result.error ? error(result.error) : next(idOf(result.data))),
      error,
    });
    return () => subscription.unsubscribe();
  },
  urql(options, document, after, { next, error }) {
    const client = new Client({ url: options.url, exchanges: [resumeExchange(options)] });
    const { unsubscribe } = client
      .subscription(document, { after })
      .subscribe((result) => (result.error ? error(result.error) : next(idOf(result.data))));
    return unsubscribe;
  },
  Relay(options, document, after, { next, error }) {
    const { fetch, subscribe } = relayNetwork(options);
    const network = Network.create(fetch, (request, variables) => Observable.create(subscribe(request, variables)));
    const subscription = { ...relayChanges, params: { ...relayChanges.params, text: document } } as typeof relayChanges;
    const { dispose } = requestSubscription(new Environment({ network, store: new Store(new RecordSource()) }), {
      subscription,
      variables: { after },
      onNext: (data) => next(idOf(data)),
      onError: error,
    });
    return dispose;
  },
};

const changeTo = (id: string) =>
  nextEvent({
    data: {
      deliveryStatusChanged: {
        __typename: 'DeliveryStatusChange',
        cursor: `after ${id}`,
        delivery: { __typename: 'Delivery', id, status: 'PENDING' },
      },
    },
  });
const failWith = (code: string) => nextEvent({ data: null, errors: [{ message: code, extensions: { code } }] });

describe.each(Object.entries(CLIENTS))('%s', (_, subscribe) => {
  const setup = (url: string, options: Partial<ResumeOptions> = {}) => ({
    access: { url, getApiKey: () => 'hk', transport: 'sse', delayMs: () => 1, ...options } as ResumeOptions,
    shown: [] as string[],
    errors: [] as unknown[],
  });
  const observe = ({ shown, errors }: ReturnType<typeof setup>): Observer => ({
    next: (id) => void shown.push(id),
    error: (error) => void errors.push(error),
  });

  test('goes on after the last cursor, and after that of the list that `reload` loads when it is too old', async () => {
    const answers = [changeTo('a') + changeTo('b'), failWith('CURSOR_EXPIRED'), changeTo('c')];
    await using service = await startScripted({
      onPost(response, __, nth) {
        response.writeHead(200, STREAM);
        if (nth < 3) response.end(answers[nth - 1]);
        else response.write(answers[2]!);
      },
    });
    const setting = setup(service.url, { reload: async () => 'after the list' });
    const stop = subscribe(setting.access, CHANGES, 'begin', observe(setting));
    await expect.poll(() => setting.shown).toEqual(['a', 'b', 'c']);
    expect(service.asked.map(({ variables }) => variables.after)).toEqual(['begin', 'after b', 'after the list']);
    stop();
    expect(setting.errors).toEqual([]);
  });

  test('without `after` it begins with the list, and it lets the connection go when nobody listens any more', async () => {
    const closed = Promise.withResolvers<void>();
    await using service = await startScripted({
      onPost: (response) => void response.on('close', closed.resolve).writeHead(200, STREAM).write(changeTo('a')),
    });
    const setting = setup(service.url, { reload: async () => 'after the list' });
    const stop = subscribe(setting.access, CHANGES, undefined, observe(setting));
    await expect.poll(() => setting.shown).toEqual(['a']);
    expect(service.asked[0]!.variables.after).toBe('after the list');
    stop();
    await closed.promise;
  });

  test('what trying again cannot mend is an error of the subscription, and so is a document without `cursor`', async () => {
    await using service = await startScripted({
      onPost: (response) => void response.writeHead(200, STREAM).end(failWith('FORBIDDEN')),
    });
    const refused = setup(service.url);
    subscribe(refused.access, CHANGES, 'begin', observe(refused));
    await expect
      .poll(() => refused.errors)
      .toEqual([expect.objectContaining({ message: expect.stringMatching(/FORBIDDEN/) })]);
    const wrong = setup(service.url);
    subscribe(wrong.access, CHANGES.replace('cursor', ''), 'begin', observe(wrong));
    await expect
      .poll(() => wrong.errors)
      .toEqual([expect.objectContaining({ message: expect.stringMatching(/expected `cursor`/) })]);
    expect(service.asked).toHaveLength(1);
  });
});
