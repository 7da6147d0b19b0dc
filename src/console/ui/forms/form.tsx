/** A form that the page itself handles: the policy lets no form leave it. What was typed stays, whatever the service answers. */
import type { ComponentProps } from 'react';

type Props = Omit<ComponentProps<'form'>, 'onSubmit' | 'action'> & { readonly onSubmit: (form: FormData) => void };

export const Form = ({ onSubmit, ...props }: Props) => (
  <form
    {...props}
    onSubmit={(event) => {
      event.preventDefault();
      onSubmit(new FormData(event.currentTarget));
    }}
  />
);
