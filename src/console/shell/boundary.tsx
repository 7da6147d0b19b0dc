/** Keeps what is around the page when the page itself cannot be shown. */
import { Component, type ReactNode } from 'react';
import { Failure } from '../ui/failure.tsx';

type Props = {
  /** The address: what failed at one address is tried again at another. */
  readonly at: string;
  readonly children: ReactNode;
};

type State = { readonly at: string; readonly failure: { readonly error: unknown } | null };

/**
 * A page fails when its script cannot be loaded, as in a tab that is older than the console that the service has now, or when there
 * is a mistake in it. Either way a new load of the tab is what helps: a script that failed once is not asked for again.
 */
export class Boundary extends Component<Props, State> {
  override state: State = { at: this.props.at, failure: null };

  static getDerivedStateFromError = (error: unknown): Partial<State> => ({ failure: { error } });

  static getDerivedStateFromProps = ({ at }: Props, state: State): State | null =>
    at === state.at ? null : { at, failure: null };

  override render(): ReactNode {
    const { failure } = this.state;
    if (!failure) return this.props.children;
    return (
      <Failure
        what="This page"
        error={failure.error}
        words="A part of it could not be loaded, or is wrong. The service may have a newer version by now."
        onRetry={() => location.reload()}
        retryLabel="Load it again"
      />
    );
  }
}
