import { useEffect, useRef, type RefObject } from 'react';

/** Takes the focus to the first field with an error, when there are new errors: nobody has to look for it. */
export function useFocusInvalid(...errors: readonly object[]): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, errors);
  return form;
}
